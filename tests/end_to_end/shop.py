"""A shop of real programs: a central store with its vendors and the counters enrolled with it, each in a data folder.

Made once for all tests and copied for each, so that a test costs neither key making nor enrolling. Must never be
changed after it was made: tests work on copies.
"""

import os
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from tests.end_to_end.processes import CENTRAL, DESKTOP, Done, Process, Processes, eventually

PASSPHRASE: Final = "correct horse battery staple"
ADMIN_PASSWORD: Final = "a password nobody else has"


@dataclass(frozen=True)
class Terms:
    """A reward policy as its command takes it: threshold in major units, percentages."""

    threshold: str
    reward: str
    redeemable: str


POLICIES: Final = {
    "small": Terms("5.00", "3", "0"),
    "medium": Terms("10.00", "5", "50"),
    "large": Terms("20.00", "2.5", "100"),
}
COUNTERS: Final = {"medium": "medium", "second": "medium", "small": "small", "large": "large"}
"""The counters of a prepared shop, each with the category of its vendor; `second` belongs to the same as `medium`."""


class CentralStore:
    """The central store of a test: its data folder, its fixed port, and the process that serves it, if any."""

    def __init__(self, folder: Path, port: int, processes: Processes) -> None:
        """Take a data folder that is set up."""
        self.folder = folder
        self.port = port
        self._processes = processes
        self._server: Process | None = None

    @property
    def url(self) -> str:
        """Where counters find it."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        """Its database, a plain SQLite file."""
        return self.folder / "central.sqlite"

    def command(self, *arguments: str | Path) -> tuple[str | Path, ...]:
        """Return a command of urs-central on this data folder."""
        return (CENTRAL, "--data-dir", self.folder, *arguments)

    def ask(self, *arguments: str | Path) -> Any:  # noqa: ANN401 - whatever JSON the command prints
        """Run a command that must succeed and return its document."""
        return self._processes.run(*self.command(*arguments), "--json").expect().document

    def try_to(self, *arguments: str | Path) -> Done:
        """Run a command that may fail."""
        return self._processes.run(*self.command(*arguments))

    def serve(self, *options: str, port: int | None = None) -> None:
        """Start serving, on the store's own port unless another is named, and wait until it answers."""
        ready = self.folder.with_name(f"{self.folder.name}.ready")
        ready.unlink(missing_ok=True)
        server = self._processes.start(
            *self.command("serve", "--port", str(port or self.port), "--ready-file", ready, *options)
        )
        eventually(lambda: ready.exists() or not server.runs, "the central store answers")
        assert server.runs, server.end()
        self._server = server

    @property
    def server(self) -> Process:
        """The process that serves."""
        assert self._server is not None, "the central store is not being served"
        return self._server

    def stop(self) -> None:
        """Stop serving the way an administrator does."""
        self.server.signal(signal.SIGTERM)
        self.server.end().expect()
        self._server = None

    def kill(self) -> None:
        """Kill the server without a warning."""
        self.server.kill().expect(-signal.SIGKILL)
        self._server = None

    def kill_alone(self) -> Process:
        """Kill the server and not its workers; returns what is left of it."""
        server = self.server
        server.kill_alone().expect(-signal.SIGKILL)
        self._server = None
        return server

    def pause(self) -> None:
        """Let the server hang: connections are taken, nothing is answered."""
        self.server.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        self.server.signal(signal.SIGCONT)


class Counter:
    """A counter of a test: its data folder and the passphrase that opens it."""

    def __init__(self, folder: Path, passphrase: Path, processes: Processes) -> None:
        """Take a data folder, which need not be there yet."""
        self.folder = folder
        self.passphrase = passphrase
        self._processes = processes

    def command(self, *arguments: str | Path) -> tuple[str | Path, ...]:
        """Return a command of urs-desktop on this data folder."""
        return (DESKTOP, "--data-dir", self.folder, "--passphrase-file", self.passphrase, *arguments)

    def ask(self, *arguments: str | Path) -> Any:  # noqa: ANN401 - whatever JSON the command prints
        """Run a command that must succeed and return its document."""
        return self._processes.run(*self.command(*arguments), "--json").expect().document

    def try_to(self, *arguments: str | Path) -> Done:
        """Run a command that may fail."""
        return self._processes.run(*self.command(*arguments))

    def start(self, *arguments: str | Path) -> Process:
        """Start a command."""
        return self._processes.start(*self.command(*arguments))

    def start_busy(self, *arguments: str) -> Process:
        """Start selling without a pause, see tests.end_to_end.busy."""
        return self._processes.start("busy", self.folder, self.passphrase, *arguments)

    def is_free(self) -> bool:
        """Whether no program works on the data folder now."""
        lock = FileLock(self.folder / "counter.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return False
        lock.release()
        return True


class Shop:
    """A copy of the prepared shop for one test."""

    def __init__(self, folder: Path, port: int, processes: Processes) -> None:
        """Take the copy's folder and the port its counters know."""
        self.folder = folder
        self.processes = processes
        self.passphrase = folder / "passphrase"
        self.central = CentralStore(folder / "central", port, processes)
        self.vendors = {name: (folder / f"vendor-{name}").read_text() for name in POLICIES}

    def counter(self, name: str = "medium") -> Counter:
        """Return a counter: one of COUNTERS, or a new one that is not enrolled."""
        return Counter(self.folder / name, self.passphrase, self.processes)

    def code(self, vendor: str = "medium") -> str:
        """Return a fresh enrolment code."""
        code: str = self.central.ask("counter", "code", "--vendor", self.vendors[vendor])["code"]
        return code

    def file(self, name: str, content: bytes | str) -> Path:
        """Write a file of the test."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


def free_port(first: int | None = None) -> int:
    """Return a port from `first` on that nobody serves, below those the system lends to outgoing connections.

    Every run of the tests begins elsewhere: a shop keeps its port while nobody serves there, and another run beside
    this one would take it.
    """
    for port in range(first or 21_000 + os.getpid() * 7 % 10_000, 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


NO_LINES: Final = ("--counters", "0")
"""Terms without lines: most stories count every point and every operation. Those of lines change it."""


def prepare(folder: Path, processes: Processes) -> int:
    """Make the shop every test copies; returns its port."""
    port = free_port()
    (folder / "passphrase").write_text(PASSPHRASE)
    password = folder / "admin-password"
    password.write_text(ADMIN_PASSWORD)
    central = CentralStore(folder / "central", port, processes)
    init = ("init", "--admin", "boss", "--admin-password-file", password)
    other = CentralStore(folder / "other", port, processes)
    both = processes.together(central.command(*init), other.command(*init))
    for done in both:
        done.expect()
    for store in (central, other):
        processes.run(*store.command("lease", "terms", *NO_LINES)).expect()
    for category, terms in POLICIES.items():
        name = f"{category.title()} shop"
        vendor, policy = processes.together(
            central.command("vendor", "add", "--name", name, "--category", category),
            central.command(
                *("policy", "set", "--category", category, "--threshold", terms.threshold),
                *("--reward-percentage", terms.reward, "--redeemable-percentage", terms.redeemable),
            ),
        )
        policy.expect()
        (folder / f"vendor-{category}").write_text(vendor.expect().out.strip())
    central.serve()
    shop = Shop(folder, port, processes)
    for pair in (("medium", "small"), ("second", "large")):
        codes = processes.together(
            *(central.command("counter", "code", "--vendor", shop.vendors[COUNTERS[name]]) for name in pair)
        )
        enrolled = processes.together(
            *(
                shop.counter(name).command("enrol", "--central", central.url, "--code", code.expect().out.strip())
                for name, code in zip(pair, codes, strict=True)
            )
        )
        for done in enrolled:
            done.expect()
    central.stop()
    return port


def copied(prepared: Path, folder: Path) -> Path:
    """Return a test's own copy of the prepared shop."""
    return shutil.copytree(prepared, folder, ignore=shutil.ignore_patterns("*.lock", "said"))
