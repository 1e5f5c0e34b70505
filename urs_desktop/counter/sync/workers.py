"""The two network threads: one pushes and answers the cashier's questions, one reads the feed.

They do network only; what they bring is written on the write lane. Must never hold up a sale, and must never wait out a
back-off while a cashier waits.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.sync import backoff
from urs_desktop.counter.sync.handing_over import send_people
from urs_desktop.counter.sync.link import CentralLink
from urs_desktop.domain.refusals import Refusal
from urs_desktop.protocol import endpoints
from urs_desktop.protocol.figures import FiguresReply, FiguresRequest, ReceiptsReply, ReceiptsRequest
from urs_desktop.protocol.messages import (
    CustomerReply,
    CustomerRequest,
    GrantReply,
    GrantRequest,
    SaleReply,
    SaleRequest,
)
from urs_desktop.protocol.people import StatementReply, StatementRequest
from urs_desktop.system.ids import Randomness

POLL_MS: Final = 250
"""How often the push thread looks for new operations."""

LINES_SECONDS: Final = 60
"""While the central store answers, the customers' lines are looked after so often."""

FEED_WAIT_SECONDS: Final = 25
ANSWER_SECONDS: Final = 8
"""A cashier's question is given up after this long."""

_CLOSE_SECONDS: Final = 1
"""Closing waits this long for each thread; what it was sending then is sent again at the next start."""

_MS: Final = 1000
_NS_PER_MS: Final = 1_000_000
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Question:
    ask: Callable[[CentralLink], Any]
    future: "Future[Any]"


class LinkState:
    """Whether the last attempt to reach the central store succeeded; the status line reads it, the threads write it."""

    def __init__(self) -> None:
        """Start as offline."""
        self.online = False
        self.back = threading.Event()
        self._closing = False
        self._lock = threading.Lock()

    def reached(self) -> None:
        """Note that the central store answered, and wake whoever waits out a back-off."""
        self.online = True
        self.back.set()

    def failed(self) -> None:
        """Note that it did not."""
        self.online = False
        with self._lock:
            if not self._closing:
                self.back.clear()

    def close(self) -> None:
        """Wake whoever waits out a back-off, for good: an attempt that fails after this makes nobody wait."""
        with self._lock:
            self._closing = True
            self.back.set()


class PushWorker:
    """The thread that pushes what waits and asks the cashier's questions, as counter.ports.CentralStore."""

    def __init__(self, link: CentralLink, waiting: Callable[[], int], state: LinkState, randomness: Randomness) -> None:
        """Take the link of this thread, how many things wait for it, the shared state and the jitter's randomness."""
        self._link = link
        self._waiting = waiting
        self._state = state
        self._randomness = randomness
        self._questions: queue.Queue[_Question | None] = queue.Queue()
        self._open: set[Future[Any]] = set()
        self._stopping = threading.Event()
        self._lines_at = 0
        self._thread = threading.Thread(target=self._run, name="sync-push", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Answer every open question with "closing", ask the thread to stop and wait a moment for it."""
        self._stopping.set()
        self._questions.put(None)
        for future in tuple(self._open):
            _settle(future, CentralUnavailableError("the counter is closing"))
        if self._thread.ident is not None:
            self._thread.join(_CLOSE_SECONDS)

    def grant(self, request: GrantRequest) -> GrantReply:
        """Ask for points to spend; raises Refusal or CentralUnavailableError, at the latest after ANSWER_SECONDS."""
        return self._answer(lambda link: link.grant(request))

    def customer(self, request: CustomerRequest) -> CustomerReply:
        """Look a customer up; raises as `grant`."""
        return self._answer(lambda link: link.customer(request))

    def sale(self, request: SaleRequest) -> SaleReply:
        """Find a sale and its refunds; raises as `grant`."""
        return self._answer(lambda link: link.sale(request))

    def statement(self, request: StatementRequest) -> StatementReply:
        """Return a wallet's newest entries; raises as `grant`."""
        return self._answer(lambda link: link.statement(request))

    def figures(self, request: FiguresRequest) -> FiguresReply:
        """Return what the vendor's counters sold; raises as `grant`."""
        return self._answer(lambda link: link.ask(endpoints.FIGURES, request, FiguresReply))

    def receipts(self, request: ReceiptsRequest) -> ReceiptsReply:
        """Return the receipts behind a figure; raises as `grant`."""
        return self._answer(lambda link: link.ask(endpoints.RECEIPTS, request, ReceiptsReply))

    def _answer(self, ask: Callable[[CentralLink], _T]) -> _T:
        if self._stopping.is_set():
            raise CentralUnavailableError("the counter is closing")
        future: Future[_T] = Future()
        self._open.add(future)
        self._questions.put(_Question(ask, future))
        try:
            return future.result(ANSWER_SECONDS)
        except FutureTimeoutError as error:
            future.cancel()
            raise CentralUnavailableError(f"no answer within {ANSWER_SECONDS} seconds") from error
        finally:
            self._open.discard(future)

    def _run(self) -> None:
        failures, not_before = 0, 0
        while not self._stopping.is_set():
            question = self._next_question()
            if question is not None and question.future.cancelled():
                continue
            if question is not None:
                # A cashier's question is asked at once and says nothing of when to push again.
                attempt(partial(self._ask, question), self._state)
            elif self._is_due(not_before):
                failures = 0 if attempt(self._push, self._state) else failures + 1
                pause = backoff.delay(failures, self._randomness.token_bytes(1)[0])
                not_before = time.monotonic_ns() + pause * _NS_PER_MS
        self._link.close()

    def _push(self) -> None:
        def give_way() -> bool:
            return not self._questions.empty()

        self._link.push_all(give_way)
        send_people(self._link, give_way)
        self._link.keep_lines(give_way)
        self._lines_at = time.monotonic_ns() + LINES_SECONDS * _MS * _NS_PER_MS

    def _next_question(self) -> _Question | None:
        try:
            return self._questions.get(timeout=POLL_MS / _MS)
        except queue.Empty:
            return None

    def _is_due(self, not_before: int) -> bool:
        """Whether to push now: something waits, and the back-off is over or the feed's thread is through again.

        While the central store answers the customers' lines are due now and then too.
        """
        if not self._state.online and time.monotonic_ns() < not_before:
            return False
        try:
            return self._waiting() > 0 or (self._state.online and time.monotonic_ns() >= self._lines_at)
        except Exception:  # noqa: BLE001 - this thread must outlive a store that is busy or full
            _log.exception("the outbox cannot be read")
            return True

    def _ask(self, question: _Question) -> None:
        if not question.future.set_running_or_notify_cancel():
            return
        try:
            answer = question.ask(self._link)
        except Refusal as refusal:
            _settle(question.future, refusal)
        except Exception as error:
            _settle(question.future, error)
            raise
        else:
            _settle(question.future, None, answer)


def _settle(future: "Future[Any]", error: Exception | None, answer: object = None) -> None:
    """Answer a question, unless it was answered already: the cashier gave up, or the counter is closing."""
    with suppress(InvalidStateError):
        if error is None:
            future.set_result(answer)
        else:
            future.set_exception(error)


class FeedWorker:
    """The thread that reads the feed by long poll."""

    def __init__(self, link: CentralLink, state: LinkState, randomness: Randomness) -> None:
        """Take the link of this thread, the shared state and the jitter's randomness."""
        self._link = link
        self._state = state
        self._randomness = randomness
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sync-feed", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Ask the thread to stop and wait a moment for it; a long poll under way ends with the process."""
        self._stopping.set()
        self._state.close()
        if self._thread.ident is not None:
            self._thread.join(_CLOSE_SECONDS)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            if attempt(self._read, self._state):
                failures = 0
                continue
            failures += 1
            self._state.back.wait(backoff.delay(failures, self._randomness.token_bytes(1)[0]) / _MS)

    def _read(self) -> None:
        # The first answer after an outage shall not wait for news: the status line waits for it.
        self._link.read_feed(FEED_WAIT_SECONDS if self._state.online else 0)


def attempt(work: Callable[[], object], state: LinkState) -> bool:
    """Do some network work and note how it went; returns whether the central store answered."""
    try:
        work()
    except Refusal as refusal:
        _log.warning("sync refused: %s", refusal)
        state.failed()
        return False
    except CentralUnavailableError as error:
        _log.info("central store not reached: %s", error)
        state.failed()
        return False
    except Exception:  # noqa: BLE001 - the thread that runs this must outlive every fault of one attempt
        _log.exception("sync failed")
        state.failed()
        return False
    state.reached()
    return True
