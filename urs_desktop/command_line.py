"""The words of `urs-desktop`: its commands and their options, read from the command line.

Wrong usage ends the program with 2 and says how it is used. Must never do anything a command asks for.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

PROGRAM: Final = "urs-desktop"


def read_command_line(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the command and its options, of the process itself if `arguments` is None; exits 2 on wrong usage.

    `data_dir`, `passphrase_file` and `json` may stand before or after the command; `command` None opens the window.
    """
    parser = _parser()
    options = parser.parse_args(arguments, argparse.Namespace(data_dir=None, passphrase_file=None, json=False))
    if options.command == "refund":
        _check_refund(parser, options)
    return options


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data-dir", type=Path, default=argparse.SUPPRESS, metavar="DIR")
    shared.add_argument("--passphrase-file", type=Path, default=argparse.SUPPRESS, metavar="F")
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    parser = argparse.ArgumentParser(PROGRAM, description="The counter of the Unified Reward System.", parents=[shared])
    parser.set_defaults(place=PROGRAM)
    commands = parser.add_subparsers(dest="command", metavar="command")

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=summary, description=summary, parents=[shared])

    demo = command("demo", "Open the demo shop, or ring it up without a display.")
    demo.add_argument("--headless", action="store_true", help="show no window even where there is a display")
    demo.set_defaults(place="urs-demo")
    enrolment = command("enrol", "Enrol this data folder at a central store; ends with the first fill.")
    enrolment.add_argument("--central", required=True, metavar="URL")
    enrolment.add_argument("--code", required=True)
    products = command("import-products", "Import products from a .csv or .csv.gz.")
    products.add_argument("file", type=Path)
    codes = command("check-code", "Say of each code which GTIN it holds, or why none.")
    codes.add_argument("codes", nargs="+", metavar="CODE", help="a barcode as scanned; - reads one a line")
    replay = command("replay", "Ring up another till's journal, every receipt once.")
    replay.add_argument("file", type=Path)
    replay.add_argument("--report", type=Path, required=True, metavar="OUT.json")
    sync = command("sync", "Exchange everything that waits with the central store.")
    sync.add_argument("--once", action="store_true", required=True)
    _add_refund(command("refund", "Refund a receipt, some of its lines, or goods without one."))
    why = command("why", "Say why a receipt earned its points and what its refunds took back.")
    why.add_argument("receipt", metavar="RECEIPT")
    _add_parked(command("parked", "Show, retry, repair or write off what the central store set aside."), shared)
    _add_shift(command("shift", "Open a shift, pay cash in and out, look at it, close it by a count."), shared)
    _add_staff(command("staff", "List, add and change the people who sign in at this counter."), shared)
    command("status", "Say how this counter stands.")
    backup = command("backup", "Write a whole, encrypted copy of this counter's records into a folder.")
    backup.add_argument("folder", type=Path, metavar="DIR")
    restore = command("restore", "Put a backup of this counter in the place of its records, which are kept beside it.")
    restore.add_argument("file", type=Path, metavar="FILE")
    command("verify", "Prove this counter's records from its signed operations.")
    return parser


def _add_refund(refund: argparse.ArgumentParser) -> None:
    refund.add_argument("receipt", metavar="RECEIPT", nargs="?", help="as printed; without a line, all that is left")
    refund.add_argument("--line", dest="lines", action="append", default=[], type=_line, metavar="N[:QTY]")
    refund.add_argument("--quote", action="store_true", help="only say what it would come to")
    refund.add_argument("--without-receipt", action="store_true", help="cash for goods, with somebody's permission")
    refund.add_argument("--sku", metavar="S")
    refund.add_argument("--quantity", metavar="Q")
    refund.add_argument("--price", metavar="P")
    refund.add_argument("--override-by", metavar="NAME", help="who gives the permission")
    refund.add_argument("--reason", metavar="TEXT")
    refund.add_argument("--operator", metavar="NAME", help="who refunds")


def _add_parked(parked: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    actions = parked.add_subparsers(dest="action", metavar="action", required=True)

    def action(name: str, summary: str) -> argparse.ArgumentParser:
        added = actions.add_parser(name, help=summary, description=summary, parents=[shared])
        if name != "list":
            added.add_argument("seq", metavar="SEQ", type=int, help="the operation's number in the list")
            added.add_argument("--operator", metavar="NAME", required=name == "write-off", help="who does it")
        return added

    action("list", "Say what was set aside, and why.")
    action("retry", "Have it applied once more as it is.")
    write_off = action("write-off", "Have it stay without effect for ever, which somebody else allows.")
    write_off.add_argument("--by", metavar="NAME", required=True, help="who gives the permission")
    write_off.add_argument("--reason", metavar="TEXT", required=True, help="kept for ever: it must name no customer")
    repair = action("repair", "Have an enrolment applied with another card code.")
    repair.add_argument("--card", metavar="CODE", required=True)


def _add_staff(staff: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    actions = staff.add_subparsers(dest="action", metavar="action", required=True)

    def action(name: str, summary: str, *, takes_pin: bool = False) -> argparse.ArgumentParser:
        # An abbreviation would take --pin 123 for a file and say its name.
        added = actions.add_parser(name, help=summary, description=summary, parents=[shared], allow_abbrev=False)
        if name != "list":
            added.add_argument("code", metavar="CODE", help="the person's short code")
        if takes_pin:
            added.add_argument("--pin-file", type=Path, required=True, metavar="F", help="a file with the PIN alone")
        return added

    action("list", "Say who works here, and who is locked out.")
    add = action("add", "Add somebody; the first one has to be a manager.", takes_pin=True)
    add.add_argument("--name", required=True)
    add.add_argument("--role", required=True, choices=("cashier", "supervisor", "manager"))
    add.add_argument("--badge-file", type=Path, metavar="F", help="a file with the badge's code alone")
    action("disable", "Have somebody no longer sign in.")
    action("reset", "Forget somebody's wrong tries.")
    action("pin", "Give somebody a new PIN.", takes_pin=True)


def _add_shift(shift: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    actions = shift.add_subparsers(dest="action", metavar="action", required=True)

    def action(name: str, summary: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=summary, description=summary, parents=[shared])

    action("open", "Open a shift.").add_argument("amount", metavar="FLOAT", help="the cash in the drawer, as in 100.00")
    for name, summary in (("pay-in", "Pay cash into the drawer."), ("pay-out", "Pay cash out of the drawer.")):
        pay = action(name, summary)
        pay.add_argument("amount", metavar="AMOUNT")
        pay.add_argument("--reason", required=True, metavar="TEXT", help="kept for ever: it must name no customer")
    action("x", "Say what the open shift took so far.")
    action("z", "Show the report of a closed shift.").add_argument("number", metavar="SHIFT", type=int, nargs="?")
    action("list", "List the shifts of this counter.")
    close = action("close", "Close the shift with what was counted in the drawer.")
    close.add_argument("counted", metavar="VALUExPIECES", type=_pieces, nargs="*", help="as in 20x3 or 0.50x7")
    close.add_argument("--override-by", metavar="NAME", help="who allows a difference that is too large")
    close.add_argument("--reason", metavar="TEXT", help="why")


def _pieces(text: str) -> tuple[str, int]:
    """Read `VALUExPIECES`."""
    value, times, pieces = text.partition("x")
    if not times or not pieces.isascii() or not pieces.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not coins or notes, as in 20x3")
    return value, int(pieces)


def _line(text: str) -> tuple[int, int | None]:
    """Read `N` or `N:QTY`."""
    number, colon, quantity = text.partition(":")
    if not number.isdecimal() or (colon and not quantity.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a line, as in 2 or 2:1")
    return int(number), int(quantity) if colon else None


def _check_refund(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuse options of a refund that do not go together, as wrong usage."""
    goods = (options.sku, options.quantity, options.price)
    if not options.without_receipt:
        if options.receipt is None or goods != (None, None, None):
            parser.error("refund takes a RECEIPT, or --without-receipt with --sku, --quantity and --price")
    elif options.receipt is not None or options.lines or options.quote or None in goods:
        parser.error("refund --without-receipt takes --sku, --quantity and --price, no RECEIPT, --line or --quote")
