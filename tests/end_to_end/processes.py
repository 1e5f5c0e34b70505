"""Starting, watching and killing the real programs, and waiting for what they do.

Every process gets its output into files, so that none blocks on a full pipe and a dead one's last words can be read.
Must never wait for time to pass: only for a condition, with an end.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

ROOT: Final = Path(__file__).resolve().parents[2]
DESKTOP: Final = str(Path(sys.executable).with_name("urs-desktop"))
CENTRAL: Final = str(Path(sys.executable).with_name("urs-central"))

LONGEST: Final = 180
"""No single command of these tests may take longer (seconds)."""

_TICK: Final = 0.01
_T = TypeVar("_T")


def pause(seconds: float) -> None:
    """Let some time pass, where the moment of a kill is to be a random one."""
    threading.Event().wait(seconds)


def eventually(condition: Callable[[], _T], what: str, seconds: float = LONGEST) -> _T:
    """Return the condition's first true value; fails the test when there is none for `seconds`."""
    until = time.monotonic() + seconds
    tick = threading.Event()
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {seconds} seconds: {what}"
        tick.wait(_TICK)
    return found


def say(document: object) -> None:
    """Print one line of JSON at once; for the programs that tests of this folder run."""
    sys.stdout.write(f"{json.dumps(document)}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Done:
    """A command that has ended: its exit status (negative: the signal that killed it) and what it said."""

    command: tuple[str, ...]
    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - whatever JSON the command prints
        """What a command with --json printed, which must be one document."""
        return json.loads(self.out)

    def expect(self, status: int = 0) -> "Done":
        """Fail the test unless the command ended like this; returns itself."""
        assert self.status == status, f"{self.command} ended with {self.status}\n{self.out}\n{self.err}"
        return self

    def refusal(self) -> str:
        """Return the one sentence of a refusal: status 1, nothing on standard output, one line on standard error."""
        self.expect(1)
        assert not self.out, self.out
        lines = self.err.splitlines()
        assert len(lines) == 1, f"{self.command} should say one sentence:\n{self.err}"
        assert lines[0].strip().endswith("."), lines[0]
        assert "Traceback" not in lines[0]
        return lines[0]


class Forker:
    """The program that forks for each command, see tests.end_to_end.forking; started with the first one."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._program: subprocess.Popen[str] | None = None

    def ask(self, request: object) -> Any:  # noqa: ANN401 - a process id or a status
        """Send a request and return its answer."""
        if self._program is None:
            command = (sys.executable, "-m", "tests.end_to_end.forking")
            pipe = subprocess.PIPE
            self._program = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        there, back = self._program.stdin, self._program.stdout
        assert there is not None
        assert back is not None
        print(json.dumps(request), file=there, flush=True)
        return json.loads(back.readline())

    def close(self) -> None:
        """End the program."""
        if self._program is not None:
            self._program.communicate()


class Process:
    """A program that was started in a group of its own; what it says goes into the files `said`.out and `said`.err."""

    def __init__(self, forker: Forker, command: tuple[str, ...], said: Path, environment: dict[str, str]) -> None:
        """Start a command."""
        self.command = command
        self._forker = forker
        self._files = {stream: said.with_name(f"{said.name}.{stream}") for stream in ("out", "err")}
        self._status: int | None = None
        files = {stream: str(path) for stream, path in self._files.items()}
        self.pid: int = forker.ask({"command": command, "environment": environment, **files})

    @property
    def runs(self) -> bool:
        """Whether the process has not ended yet."""
        if self._status is None:
            self._status = self._forker.ask(self.pid)
        return self._status is None

    def so_far(self, stream: str = "err") -> str:
        """Return what the process has said until now."""
        path = self._files[stream]
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and its children, if it still runs."""
        if self.runs:
            os.killpg(self.pid, number)

    def kill(self) -> Done:
        """Kill the process and its children without a warning, and return what it said before."""
        self.signal(signal.SIGKILL)
        return self.end()

    def kill_alone(self) -> Done:
        """Kill the process and none of its children."""
        os.kill(self.pid, signal.SIGKILL)
        return self.end()

    def has_children(self) -> bool:
        """Whether anything of the process's group still runs; where nobody reaps orphans the dead stay listed."""
        return any(_runs_in(stat, self.pid) for stat in Path("/proc").glob("[0-9]*/stat"))

    def end(self, seconds: float = LONGEST) -> Done:
        """Wait for the end of the process, which may take so long."""
        try:
            eventually(lambda: not self.runs, f"the end of {self.command}", seconds)
        except AssertionError:
            self.kill()
            raise
        assert self._status is not None
        return Done(self.command, self._status, self.so_far("out"), self.so_far())


class Processes:
    """Everything one test has started; what still runs at its end is killed."""

    def __init__(self, folder: Path, forker: Forker) -> None:
        """Keep what the processes say in `folder`, which becomes their home as well."""
        self._folder = folder
        self._forker = forker
        self._home = folder / "home"
        self._home.mkdir(parents=True)
        self._environment = {
            "HOME": str(self._home),
            "XDG_DATA_HOME": str(self._home),
            "QT_QPA_PLATFORM": "offscreen",
        }
        self._started: list[Process] = []

    def start(self, *command: str | Path) -> Process:
        """Start a command and leave it running."""
        said = self._folder / f"{len(self._started):03}"
        process = Process(self._forker, tuple(str(part) for part in command), said, self._environment)
        self._started.append(process)
        return process

    def run(self, *command: str | Path) -> Done:
        """Run a command to its end."""
        return self.start(*command).end()

    def together(self, *commands: Sequence[str | Path], seconds: float = LONGEST) -> list[Done]:
        """Run commands at the same time, each for at most so long, and return how each ended."""
        started = [self.start(*command) for command in commands]
        return [process.end(seconds) for process in started]

    def close(self) -> None:
        """Kill whatever still runs, and see that nothing was written outside the data folders."""
        for process in self._started:
            process.kill()
        strays = [path.name for path in self._home.iterdir()]
        assert not strays, f"written into the home folder: {strays}"


def _runs_in(stat: Path, group: int) -> bool:
    """Return whether the process with this /proc/N/stat is in a process group and is no zombie; see proc(5)."""
    try:
        state, _, its_group, *_ = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return int(its_group) == group and state not in ("Z", "X")
