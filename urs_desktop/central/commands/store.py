"""Commands about the store as a whole: setting it up, serving it, bringing it up to date, proving it.

Must never show the database's URL: it holds a password.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from urs_desktop.central import bootstrap
from urs_desktop.central.bootstrap import Central, Place, ServeOptions
from urs_desktop.central.certificates import to_der
from urs_desktop.central.commands.registry import Answer, Registry
from urs_desktop.central.verification import verify
from urs_desktop.protocol import enrolment_code

_MOST_PORT: Final = 65_535


def add_to(commands: Registry) -> None:
    """Add these commands and their options."""
    init = commands.add_without_store("init", "set a new central store up", _init)
    init.add_argument(
        "--database-url", metavar="URL", help="a PostgreSQL database, as an administrator reaches it; not kept"
    )
    init.add_argument("--admin", required=True, metavar="NAME")
    init.add_argument("--admin-password-file", required=True, type=Path, metavar="F")
    serve = commands.add_without_store("serve", "answer counters over HTTPS until stopped", _serve)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", default=8443, type=_port)
    serve.add_argument("--workers", default=1, type=_workers, metavar="N")
    serve.add_argument("--ready-file", type=Path, metavar="F")
    serve.add_argument("--until-input-ends", action="store_true", help="stop when standard input ends too")
    serve.add_argument("--as-worker", action="store_true", help=argparse.SUPPRESS)
    upgrade = commands.add_without_store("upgrade", "bring a PostgreSQL database to this version's schema", _upgrade)
    upgrade.add_argument(
        "--database-url", required=True, metavar="URL", help="as an administrator reaches it; not kept"
    )
    commands.add("verify", "prove everything that is stored", _verify)


def _init(where: Place, options: argparse.Namespace) -> Answer:
    central = bootstrap.initialise(where, options.database_url, options.admin, options.admin_password_file)
    central.database.close()
    fingerprint = enrolment_code.fingerprint(to_der(central.keys.authority())).hex()
    document = {"data_dir": str(central.folder), "ca_fingerprint": fingerprint}
    return Answer(f"The central store is set up in {central.folder}.", document)


def _serve(where: Place, options: argparse.Namespace) -> Answer:
    serve_options = ServeOptions(
        options.host, options.port, options.workers, options.ready_file, options.until_input_ends
    )

    def ready(url: str) -> None:
        # At once and not in the answer, which is given when the server has stopped.
        said = json.dumps({"url": url}) if options.json else f"The central store answers at {url}."
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()

    with bootstrap.opened(where) as central:
        if options.as_worker:
            bootstrap.serve_as_worker(central, options.host, options.port)
        else:
            bootstrap.serve(central, serve_options, ready)
    return Answer("", None)


def _upgrade(where: Place, options: argparse.Namespace) -> Answer:
    was_older = bootstrap.upgrade(where, options.database_url)
    said = "The database was brought up to date." if was_older else "The database is up to date already."
    return Answer(said, {"upgraded": was_older})


def _verify(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        findings = verify(connection)
    text = "\n".join(findings) or "Everything fits: chains, signatures, sales, entries, balances, lots and leases."
    return Answer(text, {"ok": not findings, "findings": findings}, int(bool(findings)))


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= _MOST_PORT:
        raise ValueError
    return port


def _workers(text: str) -> int:
    workers = int(text)
    if workers < 1:
        raise ValueError
    return workers
