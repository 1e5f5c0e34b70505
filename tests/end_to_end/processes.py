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

LONGEST: Final = 60
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
        self._process: subprocess.Popen[str] | None = None

    def run(self, commands: Sequence[Sequence[str]], said: Sequence[Path], environment: dict[str, str]) -> list[int]:
        """Run commands at once, each with its own files for what it says, and return their exit statuses."""
        if self._process is None:
            program = (sys.executable, "-m", "tests.end_to_end.forking")
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(program, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        ends = self._process.stdin, self._process.stdout
        assert ends[0] is not None
        assert ends[1] is not None
        requests = [
            {
                "command": command,
                "environment": environment,
                "out": str(file_of(path, "out")),
                "err": str(file_of(path, "err")),
                "seconds": LONGEST,
            }
            for command, path in zip(commands, said, strict=True)
        ]
        print(json.dumps(requests), file=ends[0], flush=True)
        statuses: list[int] = json.loads(ends[1].readline())
        return statuses

    def close(self) -> None:
        """End the program."""
        if self._process is not None:
            self._process.communicate()


def file_of(said: Path, stream: str) -> Path:
    """Return the file for one stream of what a process says."""
    return said.with_name(f"{said.name}.{stream}")


class Process:
    """A program that was started in a group of its own and has not been waited for yet."""

    def __init__(self, command: Sequence[str], said: Path, environment: dict[str, str]) -> None:
        """Start a command; what it says goes into the files `said`.out and `said`.err."""
        self.command = tuple(command)
        self._said = said
        with file_of(said, "out").open("wb") as out, file_of(said, "err").open("wb") as err:
            self._process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The id of the process, which is that of its group as well."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether the process has not ended yet."""
        return self._process.poll() is None

    def so_far(self, stream: str = "err") -> str:
        """Return what the process has said until now."""
        return file_of(self._said, stream).read_text(encoding="utf-8")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and its children, if it still runs."""
        if self.runs:
            os.killpg(self._process.pid, number)

    def kill(self) -> Done:
        """Kill the process and its children without a warning, and return what it said before."""
        self.signal(signal.SIGKILL)
        return self.end()

    def end(self) -> Done:
        """Wait for the end of the process."""
        try:
            status = self._process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self._process.wait()
            raise AssertionError(f"{self.command} does not end\n{self.so_far('out')}\n{self.so_far()}") from None
        return Done(self.command, status, self.so_far("out"), self.so_far())


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
        self._count = 0
        self._started: list[Process] = []

    def _said(self) -> Path:
        self._count += 1
        return self._folder / f"{self._count:03}"

    def start(self, *command: str | Path) -> Process:
        """Start a command the way a user does, and leave it running."""
        process = Process([str(part) for part in command], self._said(), self._environment)
        self._started.append(process)
        return process

    def run(self, *command: str | Path) -> Done:
        """Run a command to its end."""
        return self.together(command)[0]

    def together(self, *commands: Sequence[str | Path]) -> list[Done]:
        """Run commands at the same time and return how each ended."""
        texts = [tuple(str(part) for part in command) for command in commands]
        said = [self._said() for _ in texts]
        statuses = self._forker.run(texts, said, self._environment)
        return [
            Done(command, status, file_of(path, "out").read_text("utf-8"), file_of(path, "err").read_text("utf-8"))
            for command, path, status in zip(texts, said, statuses, strict=True)
        ]

    def close(self) -> None:
        """Kill whatever still runs, and see that nothing was written outside the data folders."""
        for process in self._started:
            process.kill()
        strays = [path.name for path in self._home.iterdir()]
        assert not strays, f"written into the home folder: {strays}"
