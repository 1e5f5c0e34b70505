"""What every test runs under: Qt without a screen, and guards that fail a test which leaves something running.

A thread, timer, pool job or window that outlives its test makes a later, innocent one fail or crash; the guard
names the culprit instead. Tests that ask for PostgreSQL share one server of their own. This module must never import Qt
or start that server by itself: a test that asks for neither pays for none of it.
"""

import gc
import os
import sys
import threading
import weakref
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:  # the exception to the rule on annotations: at run time these are imported by those that use them
    from PySide6.QtWidgets import QApplication

    from tests.postgresql.databases import Databases
    from urs_desktop.database.engine import Database

os.environ["QT_QPA_PLATFORM"] = "offscreen"

# No deadline: how long an example takes says more about the machine than about the code.
settings.register_profile("urs", deadline=None, print_blob=True)
settings.load_profile("urs")

# How long what is on its way out may take; waited for only when something is still there.
GRACE_SECONDS = 1.0

PASSED = pytest.StashKey[bool]()
POSTGRESQL = "postgresql"
SCREEN = "screen"
DEMANDED = {POSTGRESQL: "on PostgreSQL", SCREEN: "on a screen"}

# Files whose tests share what took minutes to make: each is run by one process.
TOGETHER = frozenset(
    {"tests/end_to_end/test_grocery.py", "tests/end_to_end/test_retail.py", "tests/unit/counter/test_replay.py"}
)

# Options by which a run leaves tests out.
NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "collectonly", "stepwise")


def pytest_configure(config: pytest.Config) -> None:
    """Watch over the run as a whole where it is seen as a whole: not in one of the workers that share it."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Watch(), "watch")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Share the whole suite between the processors; a few chosen tests start faster in one process."""
    return None if is_whole(config) else 0


class TogetherScheduling(LoadScopeScheduling):  # type: ignore[misc] # xdist is published without types
    """Shares single tests between the processes, and hands out whole what shares work that takes minutes, first."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file in TOGETHER else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> TogetherScheduling:
    """Decide which process runs which test."""
    return TogetherScheduling(config, log)


def is_whole(config: pytest.Config) -> bool:
    """Return whether a run leaves no test out."""
    narrowed = any(config.getoption(name, None) for name in NARROWING)
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not narrowed


class Watch:
    """Counts the tests that passed on what a machine may lack, in whichever process they ran."""

    def __init__(self) -> None:
        self._passed = dict.fromkeys(DEMANDED, 0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test that has passed."""
        for name in DEMANDED:
            self._passed[name] += report.when == "call" and report.passed and (name, True) in report.user_properties

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Fail a run of the whole suite that decides about a change and has left one of them out."""
        config = session.config
        if not os.environ.get("CI") or not is_whole(config) or exitstatus != pytest.ExitCode.OK:
            return
        for name, where in DEMANDED.items():
            if not self._passed[name]:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
                line = f"\nThe whole suite ran, and not one test of it {where}."
                config.get_terminal_writer().line(line, red=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test itself passed: the windows of a failed one live on in its traceback."""
    for name in DEMANDED:
        if (name, True) not in item.user_properties and asks_for(item, name):
            item.user_properties.append((name, True))
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


def asks_for(item: pytest.Item, name: str) -> bool:
    """Return whether a test runs on this: it asks for the fixture, or is that case of one that runs on several."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return name in getattr(item, "fixturenames", ()) or name in parameters.values()


@pytest.fixture(scope="session")
def postgresql() -> "Iterator[Databases]":
    """Databases on the session's one PostgreSQL server, which is started by the first test that asks for it.

    Where none can run, tests that need it are skipped on a developer's machine; where a change is judged they fail.
    """
    from tests.postgresql.databases import Databases
    from tests.postgresql.server import UnavailableError, running

    with ExitStack() as end:
        try:
            server = end.enter_context(running())
        except UnavailableError as error:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no PostgreSQL here: {error}")
        yield Databases(server)


@pytest.fixture
def postgresql_url(postgresql: "Databases") -> Iterator[str]:
    """The URL of an empty database for `urs-central init --database-url`, as an administrator reaches it."""
    with postgresql.empty() as url:
        yield url


@pytest.fixture
def postgresql_database(postgresql: "Databases") -> "Iterator[Database]":
    """A central store's database on PostgreSQL with all tables and no rows, opened as the program's own role."""
    with postgresql.ready() as database:
        yield database


@pytest.fixture(autouse=True)
def leaves_nothing_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, timer, pool job or window behind, and clear it away for the next."""
    threads = set(threading.enumerate())
    if "qapp" in request.fixturenames:
        guard: QtGuard = request.getfixturevalue("qt_guard")
        guard.begin()
        yield
        left = guard.end(complete=request.node.stash.get(PASSED, False))
    else:
        yield
        left = []
    left += left_threads(threads)
    if left and request.node.stash.get(PASSED, False):
        pytest.fail("this test left behind:\n  " + "\n  ".join(left), pytrace=False)


@pytest.fixture(scope="session")
def qt_guard(qapp: "QApplication") -> Iterator["QtGuard"]:
    """The session's one watch over what Qt starts; it is made when the first test asks for Qt."""
    from PySide6.QtCore import QThread, QThreadPool, QTimer

    guard = QtGuard(qapp)
    with pytest.MonkeyPatch.context() as patch:
        for kind, method in ((QTimer, "start"), (QThread, "start"), (QThreadPool, "start"), (QThreadPool, "tryStart")):
            patch.setattr(kind, method, guard.recorded(getattr(kind, method)))
        yield guard


class QtGuard:
    """Knows which Qt objects one test started and which windows it opened."""

    def __init__(self, app: "QApplication") -> None:
        self._app = app
        self._started: list[tuple[Callable[[], Any], str]] = []
        self._windows: set[int] = set()

    def recorded(self, start: Callable[..., Any]) -> Callable[..., Any]:
        """Return `start` with a note of whom it started and which line did."""
        from PySide6.QtCore import QThreadPool

        def note_and_start(started: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - stands for any of Qt's
            caller = sys._getframe(1)
            # Weak, because a timer nobody holds is gone and harmless; a pool outlives the wrapper Python sees.
            reference = (lambda: started) if isinstance(started, QThreadPool) else weakref.ref(started)
            self._started.append((reference, f"{caller.f_code.co_filename}:{caller.f_lineno}"))
            return start(started, *args, **kwargs)

        return note_and_start

    def begin(self) -> None:
        """Take what is there now as the state to come back to."""
        self._started.clear()
        self._windows = set(self._open_windows())

    def end(self, *, complete: bool) -> list[str]:
        """Return a line for each thing left behind and clear it away; `complete` also collects cycles first."""
        self._delete_what_was_asked()
        if complete and self._windows.symmetric_difference(self._open_windows()):
            gc.collect()
            self._delete_what_was_asked()
        return [*self._stop_what_runs(), *self._close_windows()]

    def _delete_what_was_asked(self) -> None:
        """Carry out every deleteLater(), which otherwise waits for an event loop that tests do not run."""
        from PySide6.QtCore import QEvent

        self._app.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _open_windows(self) -> dict[int, Any]:
        """Return the top-level widgets by their address, without those Qt keeps for itself."""
        from shiboken6 import getCppPointer

        windows = self._app.topLevelWidgets()
        return {getCppPointer(w)[0]: w for w in windows if w.metaObject().className() != "QTipLabel"}

    def _close_windows(self) -> Iterator[str]:
        for address, window in self._open_windows().items():
            if address in self._windows:
                continue
            yield f"window {type(window).__name__} {window.objectName()!r} (qtbot.addWidget closes it)"
            window.close()
            window.deleteLater()
        self._delete_what_was_asked()

    def _stop_what_runs(self) -> Iterator[str]:
        from PySide6.QtCore import QThread, QThreadPool, QTimer
        from shiboken6 import isValid

        milliseconds = int(GRACE_SECONDS * 1000)
        for reference, where in self._started:
            started = reference()
            if started is None or not isValid(started):
                continue
            if isinstance(started, QTimer) and started.isActive():
                yield f"an active QTimer, started at {where}"
                started.stop()
            elif isinstance(started, QThread) and not started.wait(milliseconds):
                yield f"a running QThread, started at {where}"
                started.quit()
                started.wait(milliseconds)
            elif isinstance(started, QThreadPool) and not started.waitForDone(milliseconds):
                yield f"a running QThreadPool job, started at {where}"


def left_threads(before: set[threading.Thread]) -> list[str]:
    """Return a line for each thread that is not in `before` and does not end within the grace."""
    # A dummy is the shadow of a thread that Qt started; those are the Qt guard's.
    fresh = [t for t in threading.enumerate() if t not in before and not isinstance(t, threading._DummyThread)]
    for thread in fresh:
        thread.join(GRACE_SECONDS)
    return [f"thread {thread.name!r}" for thread in fresh if thread.is_alive()]
