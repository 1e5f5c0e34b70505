"""The demo shop: a central store and one counter on this machine, made from sample data and opened.

Without a display it rings the sample baskets up through the same presenter, with an outage in the middle, and proves
both ends. Must never touch a data folder that is not its own.
"""

import csv
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from urs_desktop.counter.use_cases.catalogue import import_products
from urs_desktop.counter.use_cases.receipts import RefundReceipt
from urs_desktop.counter.use_cases.refund import RefundOrder
from urs_desktop.counter.use_cases.reporting import Connection
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.domain.money import total
from urs_desktop.system.paths import data_folder, hold, write_atomically
from urs_desktop.system.programs import program
from urs_desktop.system.resources import resource
from urs_desktop.system.screen import has_display
from urs_desktop.ui.app import make_application, messages_logged, open_window, run, run_counter
from urs_desktop.ui.main_window import MainWindow
from urs_desktop.ui.messages import notice_text
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.points_desk import MAXIMUM
from urs_desktop.ui.presenters.sell_state import Link, Overlay, PayField, Phase
from urs_desktop.ui.tour import Tour, TourError, Until
from urs_desktop.wiring import OpenCounter, RunningCounter, enrol_counter, open_counter, running

VENDOR: Final = "Garden & Gift"
_READY_SECONDS: Final = 30
_STOP_SECONDS: Final = 10
_ONLINE_BASKETS: Final = 11
_OFFLINE_BASKETS: Final = 6
_COMMAND: Final = program("urs-central", "urs_desktop.central.cli")


class DemoError(Exception):
    """The demo cannot go on; `str` is one sentence."""


class _CentralStore:
    """The demo's central store: a process of its own, as a real one would be.

    It holds the end of a pipe to this one and stops when that closes, however this process ends.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready = folder / "ready"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def ask(self, *arguments: str) -> str:
        """Run one command of the central store and return what it printed; raises DemoError."""
        command = [*_COMMAND, "--data-dir", str(self._folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise DemoError(f"The demo's central store refused {arguments[0]}: {done.stderr.strip()}")
        return done.stdout.strip()

    def start(self) -> None:
        """Serve on the port of the last time, or on a free one; raises DemoError."""
        ports = [self.url.rsplit(":", 1)[1], "0"] if self.url else ["0"]
        for port in ports:
            self._ready.unlink(missing_ok=True)
            log = (self._folder / "serve.log").open("ab")
            self._process = subprocess.Popen(
                [
                    *_COMMAND,
                    "--data-dir",
                    str(self._folder),
                    "serve",
                    "--port",
                    port,
                    "--ready-file",
                    str(self._ready),
                    "--until-input-ends",
                ],
                stdout=log,
                stderr=log,
                stdin=subprocess.PIPE,
            )
            log.close()
            if self._answers():
                self.url = self._ready.read_text().strip()
                return
        raise DemoError(f"The demo's central store does not start; see {self._folder / 'serve.log'}.")

    def _answers(self) -> bool:
        process = self._process
        for _ in range(_READY_SECONDS * 10):
            if self._ready.exists():
                return True
            if process is None:
                return False
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            return False
        return False

    def stop(self) -> None:
        """Stop serving, if it serves."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.communicate(timeout=_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
            self._process = None


@dataclass(slots=True)
class _Story:
    """What the demo did, in figures."""

    receipts: int = 0
    offline_receipts: int = 0
    earned: int = 0
    redeemed: int = 0
    refunds: list[RefundReceipt] = field(default_factory=list)
    redeemed_offline: int = 0
    refused_offline: str = ""
    pictures: list[Path] = field(default_factory=list)


def run_demo(folder: Path, *, headless: bool) -> int:
    """Open the demo shop, or ring it up when there is no display; returns the exit status. Raises DemoError."""
    central = _CentralStore(data_folder(folder / "central", "urs-demo"))
    with hold(folder), _opened(folder, central) as counter:
        if not headless and has_display():
            print(f"The demo shop is open; its data is in {folder}. Close the window to end it.")
            with running(counter) as at_work:
                return run_counter(at_work.till, at_work.pool, sys.argv[:1])
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        story = _play(folder, central, counter)
        return _tell(story, central, counter)


@contextmanager
def _opened(folder: Path, central: _CentralStore) -> Iterator[OpenCounter]:
    """Make what is missing of the shop, start its central store, and open its counter."""
    passphrase = folder / "passphrase"
    if not passphrase.exists():
        write_atomically(passphrase, secrets.token_hex(16).encode())
    vendor = _prepare(folder, central)
    central.start()
    try:
        counter = open_counter(data_folder(folder / "counter", "urs-demo"), passphrase)
        try:
            _enrolled(counter, central, vendor)
            yield counter
        finally:
            counter.store.close()
    finally:
        central.stop()


def _prepare(folder: Path, central: _CentralStore) -> str:
    """Set the central store up on the first run; returns the vendor's id."""
    note = folder / "vendor"
    if not note.exists():
        print("Setting the demo shop up: a central store, a vendor, its policy and its customers.")
        password = folder / "admin-password"
        write_atomically(password, secrets.token_hex(16).encode())
        central.ask("init", "--admin", "demo", "--admin-password-file", str(password))
        vendor = central.ask("vendor", "add", "--name", VENDOR, "--category", "medium")
        terms = ("--threshold", "10.00", "--reward-percentage", "5", "--redeemable-percentage", "50")
        central.ask("policy", "set", "--category", "medium", *terms)
        central.ask("customer", "import", str(resource("demo", "customers.csv")))
        write_atomically(note, vendor.encode())
    return note.read_text()


def _enrolled(counter: OpenCounter, central: _CentralStore, vendor: str) -> None:
    identity = counter.store.read(lambda book: book.settings.identity())
    if identity is None:
        enrol_counter(counter, central.url, central.ask("counter", "code", "--vendor", vendor))
    else:
        counter.store.write(lambda book: book.settings.move(central.url))
    if not counter.store.read(lambda book: book.catalogue.count()):
        done = import_products(counter.store, counter.recorder, resource("demo", "products.csv"))
        print(f"{done.stored} products imported.")


def _play(folder: Path, central: _CentralStore, counter: OpenCounter) -> _Story:
    story = _Story()
    pictures = folder / "pictures"
    pictures.mkdir(exist_ok=True)
    with running(counter) as at_work, messages_logged():
        app = make_application(sys.argv[:1])
        window = open_window(at_work.till, at_work.pool)
        tour = Tour(window, _Script(window, at_work, central, story, pictures).steps())
        tour.start()
        run(app, window)
    if tour.error is not None:
        raise DemoError(f"The demo stopped: {tour.error}.") from tour.error
    return story


def _baskets() -> list[list[dict[str, str]]]:
    with resource("demo", "baskets.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [list(group) for _, group in groupby(rows, key=lambda row: row["InvoiceNo"])]


class _Script:
    """The cashier's day: sales that earn, an outage, sales all the same, points that pay, and goods that come back."""

    def __init__(
        self, window: MainWindow, at_work: RunningCounter, central: _CentralStore, story: _Story, pictures: Path
    ) -> None:
        self._window = window
        self._at_work = at_work
        self._presenter = window.presenter
        self._central = central
        self._story = story
        self._pictures = pictures
        self._number = ""

    def steps(self) -> Iterator[Until]:
        """Yield what to wait for after each thing done."""
        baskets = _baskets()
        yield from self._synced()
        self._picture("sell-empty-light")
        for number, basket in enumerate(baskets[:_ONLINE_BASKETS]):
            yield from self._sell(basket, picture="" if number else "online")
        yield from self._synced()
        yield from self._sell(baskets[_ONLINE_BASKETS], points=True, picture="points")
        yield from self._synced()
        yield from self._has_line(baskets[_ONLINE_BASKETS + 2][0]["CustomerID"])
        print("The central store goes down.")
        self._central.stop()
        yield self._is_offline
        for number, basket in enumerate(baskets[_ONLINE_BASKETS + 1 :][:_OFFLINE_BASKETS]):
            self._story.offline_receipts += 1
            before = self._story.redeemed
            yield from self._sell(basket, points=number == 1, picture="offline" if number == 1 else "")
            self._story.redeemed_offline += self._story.redeemed - before
        yield self._shows_what_waits
        print(f"{self._presenter.state.status.waiting} operations wait. The central store comes back.")
        self._central.start()
        yield from self._synced()
        yield from self._sell(baskets[_ONLINE_BASKETS + _OFFLINE_BASKETS + 1], points=True)
        yield from self._refund(self._number)
        yield from self._synced()
        yield from self._dark()

    def _sell(self, basket: Sequence[dict[str, str]], *, points: bool = False, picture: str = "") -> Iterator[Until]:
        presenter = self._presenter
        presenter.customer.find(basket[0]["CustomerID"])
        yield self._has_customer
        for row in basket:
            presenter.entry.submit(f"{row['Quantity']}*{row['StockCode']}")
        yield lambda: len(presenter.state.lines) == len(basket)
        self._picture(picture and f"sell-{picture}-light")
        presenter.begin_pay(PayField.POINTS if points else PayField.CASH)
        yield lambda: presenter.state.phase is Phase.PAYING
        if points:
            yield from self._redeem()
        self._picture(picture and f"pay-{picture}-light")
        presenter.pay.focus(PayField.CASH)
        presenter.accept()
        yield lambda: presenter.state.phase is Phase.RECEIPT
        self._picture(picture and f"receipt-{picture}-light")
        self._count()
        presenter.new_sale()
        yield lambda: presenter.state.phase is Phase.SELLING

    def _refund(self, number: str) -> Iterator[Until]:
        """Take one piece of the first line of a sale back, as its customer has changed their mind."""
        refunding = self._at_work.till.refunding
        found = self._at_work.pool.submit(lambda: refunding.find(number))
        yield found.done
        order = RefundOrder(found.result(), {1: 1})
        done = self._at_work.pool.submit(lambda: refunding.complete(order))
        yield done.done
        receipt = done.result()
        self._story.refunds.append(receipt)
        print(f"  receipt {receipt.number}  refund of {receipt.sale_number}: {_refund_in_words([receipt])}")

    def _redeem(self) -> Iterator[Until]:
        presenter = self._presenter
        presenter.pay.offer_points(MAXIMUM)
        yield lambda: presenter.state.phase is Phase.PAYING
        pay, notice = presenter.state.pay, presenter.state.notice
        if pay is not None and not pay.points_applied and notice is not None:
            self._story.refused_offline = notice_text(notice)

    def _count(self) -> None:
        receipt = self._presenter.state.receipt
        if receipt is None:
            raise TourError("a sale ended without a receipt")
        self._number = receipt.number
        self._story.receipts += 1
        self._story.earned += _number(receipt.earned)
        self._story.redeemed += _number(receipt.redeemed)
        paid = f", {receipt.redeemed} points paid" if _number(receipt.redeemed) else ""
        print(f"  receipt {receipt.number}  {receipt.total:>10}  {receipt.earned:>4} points earned{paid}")

    def _dark(self) -> Iterator[Until]:
        presenter = self._presenter
        presenter.toggle_theme()
        for code in ("85123A", "3*71053", "84406B"):
            presenter.entry.submit(code)
        yield lambda: len(presenter.state.lines) == 3  # noqa: PLR2004 - the codes above
        presenter.entry.search("heart")
        yield lambda: bool(presenter.state.results.rows)
        self._picture("sell-search-dark")
        presenter.show(Overlay.WHY)
        yield lambda: presenter.state.overlay is Overlay.WHY
        self._picture("why-dark")

    def _picture(self, name: str) -> None:
        if name:
            path = self._pictures / f"{name}.png"
            self._window.grab_to(path)
            self._story.pictures.append(path)

    def _has_customer(self) -> bool:
        customer = self._presenter.state.customer
        return customer is not None and not customer.asking and not customer.pending

    def _synced(self) -> Iterator[Until]:
        """Wait until the central store has acknowledged everything and the status line says so."""
        connection = Connection(online=False, waiting=0, parked=0, last_sync=None)
        while not connection.online or connection.waiting:
            asked = self._at_work.pool.submit(self._at_work.till.reporting.connection)
            yield asked.done
            connection = asked.result()
        self._presenter.refresh_status()
        yield self._is_online

    def _has_line(self, card: str) -> Iterator[Until]:
        """Wait until points of a customer are ready at the counter."""
        points = 0
        while not points:
            asked = self._at_work.pool.submit(lambda: self._at_work.till.redeem.here(card))
            yield asked.done
            points = asked.result().points

    def _is_online(self) -> bool:
        status = self._presenter.state.status
        return status.link is Link.ONLINE and status.waiting == "0"

    def _shows_what_waits(self) -> bool:
        return _number(self._presenter.state.status.waiting) >= self._story.offline_receipts

    def _is_offline(self) -> bool:
        return self._presenter.state.status.link is Link.OFFLINE


def _number(text: str) -> int:
    return int("".join(character for character in text if character.isdigit()) or "0")


def _refund_in_words(receipts: Sequence[RefundReceipt]) -> str:
    """Return what refunds came to together: cash and points that went back, points that were taken back."""
    cash = total([receipt.cash_back for receipt in receipts], receipts[0].currency)
    back = sum(receipt.refund.points_back for receipt in receipts)
    clawed = sum(receipt.refund.clawed for receipt in receipts)
    return f"{Formats().money(cash)} in cash and {back} points go back, {clawed} points earned are taken back"


def _tell(story: _Story, central: _CentralStore, counter: OpenCounter) -> int:
    """Prove both ends and say what happened; returns the exit status."""
    findings = counter.store.check() + verify(counter.store, counter.secrets.signing_key().public_key)
    at_centre = central.ask("verify")
    customer = json.loads(central.ask("--json", "customer", "show", _baskets()[0][0]["CustomerID"]))
    print(f"{story.receipts} sales rung up, {story.offline_receipts} of them while the central store was down.")
    print(f"{story.earned} points earned, {story.redeemed} redeemed.")
    print(f"{len(story.refunds)} of the sales refunded in part: {_refund_in_words(story.refunds)}.")
    if story.redeemed_offline:
        print(f"{story.redeemed_offline} points were paid with during the outage: the counter had them ready.")
    if story.refused_offline:
        print(f"Points during the outage: “{story.refused_offline}”")
    print(f"Everything is synced; {customer['name']} has {customer['wallet_balance']} points at the central store.")
    print(f"verify, counter: {'; '.join(findings) or 'clean'}")
    print(f"verify, central store: {at_centre}")
    print(f"{len(story.pictures)} pictures of the screens are in {story.pictures[0].parent}.")
    return int(bool(findings))
