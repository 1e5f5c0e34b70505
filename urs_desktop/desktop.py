"""The counter's composition root and command line (`urs-desktop`): the only place that names its concrete parts.

Commands answer on standard output, refuse with one sentence on standard error and exit 1, 2 for wrong usage. Must never
hold a rule: it opens, wires, runs and closes.
"""

import argparse
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from urs_desktop.command_line import PROGRAM, read_command_line
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.secrets import SecretsError, open_secrets
from urs_desktop.counter.store.backups import BackupError, back_up, restore
from urs_desktop.counter.sync.handing_over import drain
from urs_desktop.counter.sync.link import CentralLink
from urs_desktop.counter.use_cases.barcodes import read_barcode
from urs_desktop.counter.use_cases.catalogue import import_products
from urs_desktop.counter.use_cases.journal import FileRefusedError, read_journal
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.replay import Replay
from urs_desktop.counter.use_cases.reporting import Reporting
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.database.engine import DatabaseFileError, trouble_of
from urs_desktop.database.migrations import SchemaError
from urs_desktop.domain.refusals import Refusal
from urs_desktop.progress_bar import ProgressBar
from urs_desktop.system.clock import SystemClock
from urs_desktop.system.logs import log_to
from urs_desktop.system.paths import DataFolderInUseError, check_writable, data_folder, hold, write_atomically
from urs_desktop.system.screen import screen_trouble
from urs_desktop.system.sealed_file import SealedFileError
from urs_desktop.wiring import OpenCounter, enrol_counter, open_counter, running

_MS: Final = 1000
_MOST_SHOWN: Final = 20
_IN_SENTENCES: Final = ("parked_operations", "missing", "adjusted_receipts")
"""What the status says in sentences instead of figures."""

_TROUBLES: Final = (
    BackupError,
    CentralUnavailableError,
    DataFolderInUseError,
    DatabaseFileError,
    FileRefusedError,
    SchemaError,
    SealedFileError,
    SecretsError,
)
"""Errors of the environment whose text is already one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0 success, 1 a refusal said in one sentence, 2 wrong usage."""
    options = read_command_line(arguments)
    try:
        if options.command == "check-code":
            return _check_codes(options)
        folder = data_folder(options.data_dir, options.place)
        return _with_folder(options, folder)
    except BrokenPipeError:
        return 1
    except (Exception, KeyboardInterrupt) as trouble:
        said = _sentence(trouble)
        if said is None:
            raise
        return _refuse(said)


def _with_folder(options: argparse.Namespace, folder: Path) -> int:
    log = log_to(folder, PROGRAM)
    try:
        if options.command == "demo":
            return _demo(folder, headless=options.headless)
        if options.command == "restore":
            with hold(folder):
                return _restore(options, folder)
        if options.command in (None, *_WRITING) and getattr(options, "action", None) not in _READING:
            with hold(folder):
                return _with_counter(options, folder)
        if options.command == "why":
            return _why_beside_others(options, folder)
        return _with_counter(options, folder)
    finally:
        log.close()


def _why_beside_others(options: argparse.Namespace, folder: Path) -> int:
    """Explain a receipt, also while the window has the data folder: then without asking the central store."""
    try:
        with hold(folder):
            options.in_use = False
            return _with_counter(options, folder)
    except DataFolderInUseError:
        options.in_use = True
        return _with_counter(options, folder)


def _demo(folder: Path, *, headless: bool) -> int:
    from urs_desktop.demo import DemoError, run_demo

    try:
        return run_demo(folder, headless=headless)
    except DemoError as error:
        return _refuse(str(error))


def _with_counter(options: argparse.Namespace, folder: Path) -> int:
    if options.command is None:
        return _open_window(options, folder)
    counter = open_counter(folder, options.passphrase_file)
    try:
        return _COMMANDS[options.command](counter, options)
    finally:
        counter.store.close()


def _open_window(options: argparse.Namespace, folder: Path) -> int:
    missing = screen_trouble()
    if missing is not None:
        return _refuse(missing)
    with ThreadPoolExecutor(1, "opening") as beside:
        # The passphrase takes its time on another processor while the screens are imported on this one.
        opened = beside.submit(open_counter, folder, options.passphrase_file)
        from urs_desktop.ui.app import run_counter

        counter = opened.result()
    try:
        with running(counter) as at_work:
            status = run_counter(at_work.till, at_work.pool, sys.argv[:1])
        _say_what_waits(counter)
    finally:
        counter.store.close()
    return status


def _say_what_waits(counter: OpenCounter) -> None:
    waiting = _reporting(counter).connection().waiting
    if waiting:
        said = f"{_operations(waiting)} to be sent; nothing is lost: that is done when the counter is next opened"
        print(f"{said}, or by {PROGRAM} sync --once.", file=sys.stderr)


def _enrol(counter: OpenCounter, options: argparse.Namespace) -> int:
    identity = enrol_counter(counter, options.central, options.code)
    document = {
        "device": identity.device_id.hex(),
        "counter": identity.number,
        "vendor": identity.vendor_name,
        "category": identity.category.value,
    }
    return _answer(options, document, identity.device_id.hex())


def _import_products(counter: OpenCounter, options: argparse.Namespace) -> int:
    done = import_products(counter.store, counter.recorder, options.file)
    document = {
        "rows_read": done.rows,
        "rows_stored": done.stored,
        "rows_reported": len(done.reported),
        "reasons": done.reasons,
        "rows": [{"row": row, "code": code} for row, code in done.reported],
    }
    text = f"{done.stored} of {done.rows} rows stored." + "".join(f"\nrow {row}: {code}" for row, code in done.reported)
    return _answer(options, document, text)


def _replay(counter: OpenCounter, options: argparse.Namespace) -> int:
    journal = read_journal(options.file, counter.identity().currency)
    check_writable(options.report)
    link = counter.link()
    try:
        redeem = Redeem(counter.store, counter.recorder, link)
        redeem.give_back_all()
        replay = Replay(counter.store, counter.recorder, redeem, link.push_all)
        bar = ProgressBar("receipts")
        replayed = replay.run(journal, bar.show)
        bar.end()
    finally:
        link.close()
    data = json.dumps(replayed.document, indent=1, ensure_ascii=False) + "\n"
    write_atomically(options.report, data.encode())
    summary = {name: value for name, value in replayed.document.items() if name not in ("invoices", "reported")}
    summary["points_refused"] = replayed.points_refused
    text = (
        f"{summary['rows_stored']} of {summary['rows_read']} rows are stored, {summary['rows_reported']} are reported; "
        f"{summary['purchases']} purchases and {summary['refunds']} refunds of this journal are in the book. "
        f"See {options.report}."
    )
    for code, count in replayed.points_refused.items():
        text += f"\npoints did not pay {count} times: {code}"
    return _answer(options, summary, text)


def _sync(counter: OpenCounter, options: argparse.Namespace) -> int:
    link = counter.link()
    try:
        Redeem(counter.store, counter.recorder, link).give_back_all()
        acknowledged = drain(link)
    except CentralUnavailableError as error:
        waiting = _reporting(counter).connection().waiting
        message = (
            f"The central store was not reached ({error}); {_operations(waiting)} to be sent, nothing is lost. "
            "Try again later."
        )
        raise CentralUnavailableError(message) from error
    finally:
        link.close()
    status = _reporting(counter).status()
    document = {
        "acknowledged": acknowledged,
        "waiting": status.connection.waiting,
        "parked": status.connection.parked,
    }
    if status.connection.waiting:
        return _refuse(f"{_operations(status.connection.waiting)} to be sent; try again.")
    return _answer(options, document, f"Acknowledged: {acknowledged} operations. Nothing waits to be sent.")


def _say(counter: OpenCounter, options: argparse.Namespace) -> int:
    """Do what a module of commands answers in words and figures."""
    from urs_desktop.parked_commands import parked
    from urs_desktop.receipt_commands import refund, why
    from urs_desktop.shift_commands import shift
    from urs_desktop.staff_commands import staff

    answering = {"parked": parked, "refund": refund, "shift": shift, "staff": staff, "why": why}
    answer = answering[options.command](counter, options)
    return _answer(options, answer.document, answer.text)


def _backup(counter: OpenCounter, options: argparse.Namespace) -> int:
    path = back_up(counter.store, options.folder, SystemClock().now())
    return _answer(options, {"file": str(path)}, str(path))


def _restore(options: argparse.Namespace, folder: Path) -> int:
    key = open_secrets(folder, options.passphrase_file).database_key()
    restored = restore(folder, key, options.file, SystemClock().now())
    kept = None if restored.replaced is None else str(restored.replaced)
    document = {"operations": restored.head.seq, "receipt": restored.head.receipt, "replaced": kept}
    text = f"Restored, with {restored.head.seq} operations; run sync --once, or open the counter, to go on from there."
    return _answer(options, document, text + (f" What was replaced is kept in {kept}." if kept else ""))


def _operations(count: int) -> str:
    return {0: "nothing waits", 1: "1 operation waits"}.get(count, f"{count} operations wait")


def _reporting(counter: OpenCounter, link: CentralLink | None = None) -> Reporting:
    return Reporting(counter.store, SystemClock(), link.healthy if link else None)


def _status(counter: OpenCounter, options: argparse.Namespace) -> int:
    from urs_desktop.status_commands import adjusted_documents, parked_documents, status_words

    enrolled = counter.store.read(lambda book: book.settings.identity()) is not None
    link = counter.link() if enrolled else None
    status = _reporting(counter, link).status()
    if link is not None:
        link.close()
    connection = status.connection
    document = {
        "enrolled": status.enrolled,
        "vendor": status.vendor,
        "category": status.category,
        "counter": status.counter,
        "online": connection.online,
        "fenced": connection.fenced,
        "clock_suspect": connection.clock_suspect,
        "waiting": connection.waiting,
        "parked": connection.parked,
        "parked_operations": parked_documents(status),
        "last_sync": _time(connection.last_sync),
        "receipts": status.receipts,
        "acknowledged": status.acknowledged,
        "missing": list(status.missing),
        "adjusted_receipts": adjusted_documents(status.adjusted),
    }
    figures = [f"{name}: {_in_words(value)}" for name, value in document.items() if name not in _IN_SENTENCES]
    return _answer(options, document, "\n".join([*figures, *status_words(status)]))


def _in_words(value: object) -> str:
    """Return a figure of the status as people read it; long lists are cut, --json has them whole."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        shown = ", ".join(str(item) for item in value[:_MOST_SHOWN]) or "none"
        return f"{shown} and {len(value) - _MOST_SHOWN} more" if len(value) > _MOST_SHOWN else shown
    return "never" if value is None else str(value)


def _time(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds // _MS, UTC).isoformat()


def _verify(counter: OpenCounter, options: argparse.Namespace) -> int:
    findings = counter.store.check() + verify(counter.store, counter.secrets.signing_key().public_key)
    receipts = _reporting(counter).status().receipts
    document = {"ok": not findings, "receipts": receipts, "findings": findings}
    text = "\n".join(findings) or f"Everything fits: {receipts} receipts, the chain and every signature."
    return _answer(options, document, text) or int(bool(findings))


_COMMANDS: Final[dict[str, Callable[[OpenCounter, argparse.Namespace], int]]] = {
    "enrol": _enrol,
    "import-products": _import_products,
    "replay": _replay,
    "sync": _sync,
    "status": _status,
    "verify": _verify,
    "refund": _say,
    "why": _say,
    "backup": _backup,
    "parked": _say,
    "shift": _say,
    "staff": _say,
}
_WRITING: Final = ("enrol", "import-products", "replay", "sync", "refund", "parked", "shift", "staff")
_READING: Final = ("list", "x", "z")
"""The actions of these that change nothing, and are done beside an open window."""


def _check_codes(options: argparse.Namespace) -> int:
    """Print a line for each code: its GTIN or why it has none; 1 if one has none."""
    refused = 0
    for code in _codes(options.codes):
        try:
            gtin, why = read_barcode(code).gtin, None
        except Refusal as refusal:
            gtin, why = None, _sentence(refusal)
        refused += why is not None
        print(
            json.dumps({"code": code, "gtin": gtin, "reason": why}) if options.json else gtin or _on_a_line(why or "")
        )
    return int(refused > 0)


def _on_a_line(text: str) -> str:
    """Return a text with everything escaped that would end its line, move the cursor or be no character at all."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _codes(given: Sequence[str]) -> Iterator[str]:
    for code in given:
        if code == "-":
            if isinstance(sys.stdin, io.TextIOWrapper):
                sys.stdin.reconfigure(errors="surrogateescape", newline="\n")
            # Not by str.splitlines: what separates elements of a GS1 code ends a line for it.
            yield from (line.rstrip("\r\n") for line in sys.stdin)
        else:
            yield code


def _answer(options: argparse.Namespace, document: dict[str, Any], text: str) -> int:
    print(json.dumps(document, ensure_ascii=False) if options.json else text)
    return 0


def _refuse(sentence: str) -> int:
    with suppress(BrokenPipeError):
        print(sentence, file=sys.stderr)
    return 1


def _sentence(trouble: BaseException) -> str | None:
    """Return one sentence about what stopped a command, None for a bug."""
    if isinstance(trouble, Refusal):
        from urs_desktop.ui.messages import sentence

        return sentence(trouble.code, {name: str(value) for name, value in trouble.details.items()})
    if isinstance(trouble, _TROUBLES):
        return str(trouble)
    if isinstance(trouble, OSError):
        return f"{trouble.filename or 'The disk'}: {trouble.strerror or trouble}; nothing was left half done."
    if isinstance(trouble, KeyboardInterrupt):
        return "Interrupted; run the command again to go on."
    return trouble_of(trouble)
