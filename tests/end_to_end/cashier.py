"""A cashier at a real counter without its window: gives it commands, and keeps the books a second time.

The counter's side is tests.end_to_end.selling. Must never look into the counter but by what it answers.
"""

import json
import os
from typing import Any, Final

from tests.end_to_end import books
from tests.end_to_end.processes import Process, eventually
from tests.end_to_end.reckoning import earned
from tests.end_to_end.shop import POLICIES, Shop

CARD: Final = "C-500"
WANT: Final = 100
EARNED: Final = earned(3000, POLICIES["medium"])
EARNED_WITH_POINTS: Final = earned(3000 - WANT, POLICIES["medium"])

SALE_MS: Final = 1000
"""No sale takes longer, whatever the network does: its shortest time-out is three times that."""

ANSWER_MS: Final = 8500
"""A cashier who asks for points has an answer by then."""

RECOVERY_SECONDS: Final = 20


class Cashier:
    """Commands a counter at work, see tests.end_to_end.selling, and keeps the books a second time."""

    def __init__(self, shop: Shop) -> None:
        """Open the counter `medium`."""
        self.shop = shop
        self._pipe = shop.folder / "commands"
        os.mkfifo(self._pipe)
        counter = shop.counter("medium")
        self.process: Process = shop.processes.start("sell", counter.folder, counter.passphrase, self._pipe)
        self._answers = 0
        self.sales = self.wallet = 0
        self._answer()

    def _answer(self) -> Any:  # noqa: ANN401 - one of selling's documents
        self._answers += 1
        eventually(
            lambda: self.process.so_far("out").count("\n") >= self._answers or not self.process.runs, "an answer"
        )
        lines = selling_lines(self.process)
        assert len(lines) >= self._answers, self.process.end()
        return lines[self._answers - 1]

    def start(self, *command: str) -> None:
        """Give a command and wait for no answer."""
        pipe = os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK)  # fails at once when nobody reads
        os.write(pipe, f"{' '.join(command)}\n".encode())
        os.close(pipe)

    def do(self, *command: str) -> Any:  # noqa: ANN401 - see _answer
        """Give a command and return its answer."""
        self.start(*command)
        return self._answer()

    def sell(self, count: int = 20) -> None:
        """Sell for cash, at the usual speed."""
        took = self.do("sell", CARD, str(count))
        assert took["slowest_ms"] < SALE_MS, took
        self.sales += count
        self.wallet += count * EARNED

    def pay_with_points(self) -> Any:  # noqa: ANN401 - see _answer
        """Ask for points and complete the sale in any case."""
        paid = self.do("points", CARD, str(WANT))
        assert paid["waited_ms"] < ANSWER_MS, paid
        self.sales += 1
        self.wallet += EARNED if paid["refused"] else EARNED_WITH_POINTS - WANT
        return paid

    def until(self, what: str, *, online: bool) -> None:
        """Wait until the status line says so."""
        eventually(lambda: self.do("state")["online"] is online, what, RECOVERY_SECONDS)

    def until_recovered(self) -> None:
        """Wait until everything has been sent."""
        self.until("online again", online=True)
        eventually(lambda: self.do("state")["waiting"] == 0, "everything sent", RECOVERY_SECONDS)

    def compare(self) -> None:
        """Compare the central store with the books kept here: every sale once, no points locked."""
        assert books.wallets(self.shop.central) == {CARD: self.wallet}
        assert len(books.sales(self.shop.central, self.shop.vendors["medium"])) == self.sales
        assert not books.receipts(self.shop.central)

    def close(self) -> int:
        """Close the counter and return how many milliseconds its threads took."""
        took: int = self.do("close")["ms"]
        self.process.end().expect()
        return took

    def settle(self) -> None:
        """Compare both ends with the books kept here."""
        assert self.shop.counter("medium").ask("sync", "--once")["waiting"] == 0
        self.compare()
        assert self.shop.counter("medium").ask("verify")["ok"]
        assert self.shop.central.ask("verify")["ok"]


def selling_lines(process: Process) -> list[Any]:
    """Return the whole lines a seller has answered so far."""
    return [json.loads(line) for line in process.so_far("out").split("\n")[:-1]]
