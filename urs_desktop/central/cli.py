"""The command line of the central store (`urs-central`).

Ids and codes stand alone on standard output, refusals are one sentence on standard error with exit status 1, wrong
usage is 2. Must never show a traceback, nor import Qt, keyring or the counter.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import accounts, bootstrap, customer_import, inspection, policies, vendors
from urs_desktop.central.bootstrap import Central, Place, ServeOptions
from urs_desktop.central.certificates import to_der
from urs_desktop.central.messages import sentence
from urs_desktop.central.policies import PolicyError, Terms
from urs_desktop.central.troubles import TroubleError
from urs_desktop.central.verification import verify
from urs_desktop.database.engine import DatabaseFileError, trouble_of
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import BASIS_POINTS, parse_amount, parse_percentage
from urs_desktop.domain.policy import RewardPolicy, category
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import enrolment_code
from urs_desktop.system.sealed_file import SealedFileError

DEFAULT_CURRENCY: Final = "GBP"
_FIRST_POLICY_BACKDATED_MS: Final = 24 * 60 * 60 * 1000
_MS: Final = 1000
_MOST_PORT: Final = 65_535

_TROUBLES: Final = (TroubleError, DatabaseFileError, SealedFileError)
"""Errors whose text is already one sentence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says: text for people, a document for programs, and its exit status."""

    text: str
    document: Any
    status: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 0 success, 1 a refusal said in one sentence, 2 wrong usage."""
    options = parser().parse_args(arguments)
    try:
        where = bootstrap.place(options.data_dir, options.passphrase_file)
        answer: Answer = options.run(where, options)
        if answer.text or (options.json and answer.document is not None):
            _say(json.dumps(answer.document, ensure_ascii=False) if options.json else answer.text)
    except BrokenPipeError:
        return 1
    except (Refusal, OSError, KeyboardInterrupt, *_TROUBLES) as trouble:
        return _refuse(_sentence(trouble))
    except sa.exc.DatabaseError as error:
        if (said := trouble_of(error)) is None:
            raise
        return _refuse(said)
    return answer.status


def _sentence(trouble: BaseException) -> str:
    """Return one sentence about what stopped a command."""
    if isinstance(trouble, Refusal):
        return sentence(trouble)
    if isinstance(trouble, OSError):
        return f"{trouble.filename or 'The disk'}: {trouble.strerror or trouble}."
    return "Interrupted." if isinstance(trouble, KeyboardInterrupt) else str(trouble)


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
        _say(json.dumps({"url": url}) if options.json else f"The central store answers at {url}.")

    with bootstrap.opened(where) as central:
        if options.as_worker:
            bootstrap.serve_as_worker(central, options.host, options.port)
        else:
            bootstrap.serve(central, serve_options, ready)
    return Answer("", None)


def _vendor_add(central: Central, options: argparse.Namespace) -> Answer:
    wanted = category(options.category)
    with central.database.write() as connection:
        vendor_id = vendors.add(
            connection,
            options.name,
            wanted,
            options.currency,
            options.location,
            central.clock.now(),
            central.randomness,
        )
    return Answer(vendor_id, {"vendor_id": vendor_id})


def _vendor_list(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        known = vendors.every(connection)
    rows = [
        {
            "vendor_id": vendor.vendor_id,
            "name": vendor.name,
            "category": vendor.category.value,
            "currency": vendor.currency,
            "location": vendor.location,
        }
        for vendor in known
    ]
    return Answer(_table(rows), rows)


def _policy_set(central: Central, options: argparse.Namespace) -> Answer:
    now = central.clock.now()
    with central.database.write() as connection:
        code = _policy_currency(connection, options)
        wanted = category(options.category)
        own = [p for p in policies.every(connection) if (p.category, p.vendor_id, p.currency) == (wanted, None, code)]
        # A category's first policy holds from a day ago: a till whose clock is slow reckons with it at once.
        since = now if own or options.vendor else now - _FIRST_POLICY_BACKDATED_MS
        terms = Terms(
            threshold=parse_amount(options.threshold, currency(code)).minor,
            reward_bp=parse_percentage(options.reward_percentage),
            redeemable_bp=parse_percentage(options.redeemable_percentage),
            valid_from=since if options.valid_from is None else options.valid_from,
        )
        policy = policies.add_version(connection, wanted, options.vendor, code, terms, now, central.randomness)
    document = {"policy_id": policy.policy_id, "version": policy.version}
    return Answer(policy.policy_id, document)


def _policy_currency(connection: sa.Connection, options: argparse.Namespace) -> str:
    """Return the currency of a new policy: the vendor's own, or the one named, or the programme's usual one."""
    named = options.currency and currency(options.currency.strip().upper()).code
    if options.vendor is None:
        return named or DEFAULT_CURRENCY
    own = next((v.currency for v in vendors.every(connection) if v.vendor_id == options.vendor), None)
    if own is None:
        raise Refusal(RefusalCode.VENDOR_UNKNOWN, vendor=options.vendor)
    if named not in (None, own):
        raise PolicyError(f"The vendor's currency is {own}, so its policy cannot be in {named}.")
    return own


def _policy_list(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        rows = [_policy_row(policy) for policy in policies.every(connection)]
    return Answer(_table(rows), rows)


def _policy_row(policy: RewardPolicy) -> dict[str, Any]:
    return {
        "policy_id": policy.policy_id,
        "version": policy.version,
        "category": policy.category.value,
        "vendor_id": policy.vendor_id,
        "currency": policy.currency,
        "threshold": _decimal(policy.threshold, currency(policy.currency).digits),
        "reward_percentage": _percentage(policy.reward_bp),
        "redeemable_percentage": _percentage(policy.redeemable_bp),
        "valid_from": inspection.time_text(policy.valid_from),
    }


def _counter_code(central: Central, options: argparse.Namespace) -> Answer:
    code = enrolment_code.new_code(to_der(central.keys.authority()))
    now = central.clock.now()
    with central.database.write() as connection:
        accounts.add_code(connection, options.vendor, code.secret, now)
    text = enrolment_code.to_text(code)
    return Answer(text, {"code": text, "expires_at": inspection.time_text(now + accounts.CODE_LIFE_MS)})


def _counter_list(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        rows = inspection.all_counters(connection)
    return Answer(_table(rows), rows)


def _customer_import(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        done = customer_import.import_file(connection, options.file, central.clock.now(), central.randomness)
    document = {
        "rows_read": done.read,
        "rows_stored": done.stored,
        "rows_reported": done.read - done.stored,
        "customers_added": done.added,
        "reasons": dict(done.reasons),
        "rows": [{"line": line, "code": code} for line, code in done.reported],
    }
    lines = [f"{done.stored} of {done.read} rows stored, {done.added} customers new."]
    lines += [f"line {line}: {code}" for line, code in done.reported]
    return Answer("\n".join(lines), document)


def _customer_show(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        document = inspection.customer(connection, options.customer, central.clock.now())
    plain = [f"{name}: {value}" for name, value in document.items() if not isinstance(value, list)]
    plain.append("vendors: " + ", ".join(document["vendors"]))
    for name in ("lots", "entries"):
        plain.append(f"{name}:")
        plain.append(_table(document[name]) or "none")
    return Answer("\n".join(plain), document)


def _verify(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        findings = verify(connection)
    text = "\n".join(findings) or "Everything fits: chains, signatures, sales, entries, balances, lots and leases."
    return Answer(text, {"ok": not findings, "findings": findings}, int(bool(findings)))


def _with_store(command: Callable[[Central, argparse.Namespace], Answer]) -> Callable[..., Answer]:
    def run(where: Place, options: argparse.Namespace) -> Answer:
        with bootstrap.opened(where) as central:
            return command(central, options)

    return run


def _table(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as lines of `name=value`, tabs between: for people, and for cut and grep."""
    return "\n".join("\t".join(f"{name}={_cell(value)}" for name, value in row.items()) for row in rows)


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _decimal(minor: int, digits: int) -> str:
    return f"{minor // 10**digits}.{minor % 10**digits:0{digits}}" if digits else str(minor)


def _percentage(basis_points: int) -> str:
    hundred = BASIS_POINTS // 100
    whole, rest = divmod(basis_points, hundred)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".")


def _say(text: str) -> None:
    print(text, flush=True)


def _refuse(text: str) -> int:
    with suppress(BrokenPipeError):
        print(text, file=sys.stderr, flush=True)
    return 1


def _date(text: str) -> int:
    """Read a date such as 2026-01-31 as its midnight in UTC, in milliseconds; raises ValueError."""
    day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    return int(day.timestamp()) * _MS


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


def parser() -> argparse.ArgumentParser:
    """Return the command line; options common to all are taken before and after the command."""
    root = argparse.ArgumentParser(
        prog=bootstrap.PROGRAM, description="The central store of the Unified Reward System."
    )
    _add_common(root, suppress=False)
    commands = root.add_subparsers(required=True, metavar="COMMAND")
    _add_store_commands(commands)
    _add_programme_commands(commands)
    _add_customer_commands(commands)
    return root


_Commands = Any
"""argparse names the type of a set of commands only privately."""


def _add_store_commands(commands: _Commands) -> None:
    init = _command(commands, "init", "set a new central store up", _init)
    init.add_argument("--database-url", metavar="URL")
    init.add_argument("--admin", required=True, metavar="NAME")
    init.add_argument("--admin-password-file", required=True, type=Path, metavar="F")
    serve = _command(commands, "serve", "answer counters over HTTPS until stopped", _serve)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", default=8443, type=_port)
    serve.add_argument("--workers", default=1, type=_workers, metavar="N")
    serve.add_argument("--ready-file", type=Path, metavar="F")
    serve.add_argument("--until-input-ends", action="store_true", help="stop when standard input ends too")
    serve.add_argument("--as-worker", action="store_true", help=argparse.SUPPRESS)
    _command(commands, "verify", "prove everything that is stored", _with_store(_verify))


def _add_programme_commands(commands: _Commands) -> None:
    vendor = _group(commands, "vendor", "vendors of the programme")
    add = _command(vendor, "add", "add a vendor and print its id", _with_store(_vendor_add))
    add.add_argument("--name", required=True)
    add.add_argument("--category", required=True, metavar="small|medium|large")
    add.add_argument("--currency", default=DEFAULT_CURRENCY)
    add.add_argument("--location", default="")
    _command(vendor, "list", "list the vendors", _with_store(_vendor_list))
    policy = _group(commands, "policy", "reward policies")
    put = _command(policy, "set", "make a new version of a policy", _with_store(_policy_set))
    put.add_argument("--category", required=True, metavar="small|medium|large")
    put.add_argument("--vendor", metavar="ID")
    put.add_argument("--currency")
    put.add_argument("--threshold", required=True, metavar="T")
    put.add_argument("--reward-percentage", required=True, metavar="R")
    put.add_argument("--redeemable-percentage", required=True, metavar="P")
    put.add_argument("--from", dest="valid_from", type=_date, metavar="DATE")
    _command(policy, "list", "list all versions", _with_store(_policy_list))


def _add_customer_commands(commands: _Commands) -> None:
    counter = _group(commands, "counter", "counters of the vendors")
    code = _command(counter, "code", "print a one-time code that enrols a counter", _with_store(_counter_code))
    code.add_argument("--vendor", required=True, metavar="ID")
    _command(counter, "list", "list the counters", _with_store(_counter_list))
    customer = _group(commands, "customer", "customers of the programme")
    load = _command(customer, "import", "import customers from a CSV", _with_store(_customer_import))
    load.add_argument("file", type=Path, metavar="FILE")
    show = _command(customer, "show", "show one customer", _with_store(_customer_show))
    show.add_argument("customer", metavar="CODE-OR-PHONE")


def _group(commands: _Commands, name: str, summary: str) -> _Commands:
    group = commands.add_parser(name, help=summary, description=summary)
    _add_common(group, suppress=True)
    return group.add_subparsers(required=True, metavar="COMMAND")


def _command(commands: _Commands, name: str, summary: str, run: Callable[..., Answer]) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=summary)
    _add_common(command, suppress=True)
    command.set_defaults(run=run)
    return command


def _add_common(to: argparse.ArgumentParser, *, suppress: bool) -> None:
    """Add the options every command takes; below the root they have no default, which would undo what stood before."""
    nothing = argparse.SUPPRESS if suppress else None
    to.add_argument("--data-dir", type=Path, metavar="DIR", default=nothing)
    to.add_argument("--passphrase-file", type=Path, metavar="F", default=nothing)
    to.add_argument("--json", action="store_true", default=argparse.SUPPRESS if suppress else False)


if __name__ == "__main__":
    sys.exit(main())
