"""The guards of tests/conftest.py, tried on tests that leave each kind of thing behind.

Runs pytest in a process of its own, so that what leaks there cannot leak here.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"

LEAKS = """
import socket, threading

KEPT = []

def test_thread():
    release = threading.Event()
    threading.Thread(target=release.wait, name="forgotten", daemon=True).start()

def test_timer(qapp):
    from PySide6.QtCore import QTimer
    KEPT.append(QTimer())
    KEPT[-1].start(60_000)

def test_qthread(qapp):
    from PySide6.QtCore import QThread
    KEPT.append(QThread())
    KEPT[-1].start()

def test_pool_job(qapp):
    from PySide6.QtCore import QThreadPool
    release = threading.Event()
    KEPT.append(release)
    QThreadPool.globalInstance().start(lambda: release.wait(2))

def test_window(qtbot):
    from PySide6.QtWidgets import QWidget
    KEPT.append(QWidget(objectName="forgotten"))
    KEPT[-1].show()

def test_qt_warning(qapp):
    from PySide6.QtCore import qWarning
    qWarning("something is wrong")

def test_exception_in_slot(qtbot):
    from PySide6.QtCore import QTimer
    timer = QTimer(singleShot=True)
    timer.timeout.connect(lambda: 1 / 0)
    with qtbot.waitSignal(timer.timeout):
        timer.start(0)

def test_far_socket():
    socket.create_connection(("192.0.2.1", 80), timeout=0.1)

def test_warning():
    import warnings
    warnings.warn("old", DeprecationWarning)
"""

TIDY = """
import socket, threading

def test_platform(qapp):
    assert qapp.platformName() == "offscreen"

def test_thread():
    thread = threading.Thread(target=lambda: None)
    thread.start()

def test_windows(qtbot):
    from PySide6.QtCore import QThread, QThreadPool, QTimer
    from PySide6.QtWidgets import QComboBox, QDialog, QMenu, QWidget
    shown = QWidget()
    qtbot.addWidget(shown)
    combo = QComboBox(shown)
    combo.addItems(["a", "b"])
    shown.show()
    qtbot.waitExposed(shown)
    combo.showPopup()
    timer = QTimer(shown)
    timer.start(60_000)
    QDialog(shown).open()
    QMenu("m", shown).popup(shown.pos())
    dropped = QWidget()
    dropped.itself = dropped  # a cycle, which is the collector's to find
    dropped.show()
    lost = QTimer()
    lost.start(60_000)
    QThreadPool.globalInstance().start(lambda: None)
    worker = QThread()
    worker.start()
    worker.quit()
    worker.wait()

def test_near_socket():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    a, b = socket.socketpair()
    a.close(), b.close()
"""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of the leaking and the tidy tests, under this project's own configuration."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "conftest.py").write_text(CONFTEST.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "pyproject.toml").write_bytes((CONFTEST.parents[1] / "pyproject.toml").read_bytes())
    (folder / "test_leaks.py").write_text(LEAKS, encoding="utf-8")
    (folder / "test_tidy.py").write_text(TIDY, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "test_leaks.py", "test_tidy.py"]
    environment = {**os.environ, "QT_QPA_PLATFORM": "no-such-platform"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("test", "blame"),
    [
        ("thread", "thread 'forgotten'"),
        ("timer", "an active QTimer, started at "),
        ("qthread", "a running QThread, started at "),
        ("pool_job", "a running QThreadPool job, started at "),
        ("window", "window QWidget 'forgotten'"),
    ],
)
def test_what_a_test_leaves_behind_fails_it(outcome: str, test: str, blame: str) -> None:
    assert f"ERROR test_leaks.py::test_{test} - Failed: this test left behind:" in outcome, outcome
    assert blame in outcome


@pytest.mark.parametrize("test", ["qt_warning", "exception_in_slot", "far_socket", "warning"])
def test_a_warning_an_exception_in_a_slot_or_a_far_socket_fails_a_test(outcome: str, test: str) -> None:
    assert f"FAILED test_leaks.py::test_{test}" in outcome, outcome


def test_tidy_tests_pass(outcome: str) -> None:
    assert outcome.count("PASSED test_tidy.py::") == 4, outcome
    assert "ERROR test_tidy.py" not in outcome
