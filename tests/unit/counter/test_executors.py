"""The write lane and the pool: order, errors and closing, and never the caller's own thread.

Must never wait by the clock.
"""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future

import pytest

from tests.builders import make_counter
from urs_desktop.counter.executors import LaneStore, Pool, Priority, WriteLane
from urs_desktop.counter.ports import Book

GRACE = 10


@pytest.fixture
def lane() -> Iterator[WriteLane]:
    lane = WriteLane()
    yield lane
    lane.close()


class Held:
    """A job that holds the lane until it is let go."""

    def __init__(self, lane: WriteLane) -> None:
        self.started, self.go = threading.Event(), threading.Event()
        self.future = lane.submit(self._run)
        assert self.started.wait(GRACE)

    def _run(self) -> None:
        self.started.set()
        assert self.go.wait(GRACE)


def test_a_cashiers_job_comes_before_the_syncs_and_each_in_its_order(lane: WriteLane) -> None:
    held, order = Held(lane), []
    for name, priority in (
        ("sync 1", Priority.SYNC),
        ("sale 1", Priority.CASHIER),
        ("sync 2", Priority.SYNC),
        ("sale 2", Priority.CASHIER),
    ):
        lane.submit(lambda name=name: order.append(name), priority)  # type: ignore[misc]
    held.go.set()
    lane.close()
    assert order == ["sale 1", "sale 2", "sync 1", "sync 2"]


def test_an_error_reaches_who_waits_and_not_the_next_job(lane: WriteLane) -> None:
    for error in (ValueError("x"), KeyboardInterrupt(), SystemExit(3)):

        def fail(error: BaseException = error) -> None:
            raise error

        future = lane.submit(fail)
        assert future.exception(GRACE) is error
    assert lane.submit(lambda: 7).result(GRACE) == 7


def test_jobs_run_on_one_thread_that_is_not_the_callers(lane: WriteLane) -> None:
    idents = {lane.submit(threading.get_ident).result(GRACE) for _ in range(20)}
    assert len(idents) == 1
    assert threading.get_ident() not in idents


def test_closing_runs_what_is_queued_and_takes_no_more(lane: WriteLane) -> None:
    held = Held(lane)
    queued = [lane.submit(lambda n=n: n, Priority.SYNC) for n in range(5)]  # type: ignore[misc]
    held.go.set()
    lane.close()
    assert [future.result(0) for future in queued] == list(range(5))
    with pytest.raises(RuntimeError, match="closed"):
        lane.submit(lambda: None)
    lane.close()


def test_a_job_called_off_is_not_run(lane: WriteLane) -> None:
    held, ran = Held(lane), []
    future = lane.submit(lambda: ran.append(1))
    assert future.cancel()
    held.go.set()
    lane.close()
    assert ran == []


def test_every_job_that_was_taken_is_answered_however_closing_falls(request: pytest.FixtureRequest) -> None:
    """Submitters race with close: a job is refused at once or run, never swallowed."""
    before = sys.getswitchinterval()
    request.addfinalizer(lambda: sys.setswitchinterval(before))
    sys.setswitchinterval(1e-6)
    for _ in range(40):
        lane = WriteLane()
        futures: list[Future[int]] = []

        def submit(lane: WriteLane = lane, futures: list[Future[int]] = futures) -> None:
            while True:
                try:
                    futures.append(lane.submit(lambda: 1))
                except RuntimeError:
                    return

        threads = [threading.Thread(target=submit) for _ in range(3)]
        for thread in threads:
            thread.start()
        lane.close()
        for thread in threads:
            thread.join()
        assert all(future.done() for future in futures)


def test_a_lanes_store_writes_there_and_reads_here(lane: WriteLane) -> None:
    store = LaneStore(make_counter().store, lane, Priority.SYNC)
    assert store.write(lambda _: threading.current_thread().name) == "write-lane"
    assert store.read(lambda _: threading.get_ident()) == threading.get_ident()

    def fail(_: Book) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        store.write(fail)


def test_the_pool_hands_errors_on_and_drops_what_has_not_begun() -> None:
    pool = Pool()
    go, begun = threading.Event(), threading.Semaphore(0)

    def wait() -> int:
        begun.release()
        assert go.wait(GRACE)
        return 1

    running = [pool.submit(wait) for _ in range(4)]
    for _ in running:
        assert begun.acquire(timeout=GRACE)
    late = pool.submit(lambda: 2)
    closing = threading.Thread(target=pool.close)
    closing.start()
    with pytest.raises(CancelledError):
        late.result(GRACE)
    go.set()
    closing.join(GRACE)
    assert [future.result(0) for future in running] == [1] * 4
    with pytest.raises(RuntimeError):
        pool.submit(lambda: 3)
