"""Sounds are played by the machine's own programs: never waited for, never an error, the newest alone."""

import array
import itertools
import shlex
import signal
import sys
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from urs_desktop.system.resources import resource
from urs_desktop.system.sound_player import SoundPlayer
from urs_desktop.ui.presenters.sounds import Sound

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows plays sounds itself")
FILES = [resource("sounds", f"{sound.value}.wav") for sound in Sound]
PATIENCE_S = 15


class Machine:
    """A machine with programs of our own, each of which notes that it was started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.noted = folder / "noted"
        self.player: SoundPlayer | None = None

    def program(self, name: str, then: str) -> tuple[str, ...]:
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {shlex.quote(str(self.noted))}\n{then}\n', encoding="utf-8")
        path.chmod(0o755)
        return str(path), "-q"

    def with_players(self, *players: tuple[str, ...]) -> SoundPlayer:
        self.player = SoundPlayer(players)
        return self.player

    def heard(self, count: int) -> list[str]:
        """Wait until so many sounds were begun and return all, by program and file."""
        until = time.monotonic() + PATIENCE_S
        lines: list[str] = []
        while len(lines) < count and time.monotonic() < until:
            lines = self.noted.read_text(encoding="utf-8").splitlines() if self.noted.exists() else []
        return [" ".join((line.split()[0], Path(line.split()[-1]).stem)) for line in lines]

    def until_over(self) -> None:
        assert self.player is not None
        assert self.player._playing is not None
        self.player._playing.wait(PATIENCE_S)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    if machine.player is not None:
        machine.player.close()


def test_a_sound_is_not_waited_for(machine: Machine) -> None:
    player = machine.with_players(machine.program("slow", "exec sleep 60"))
    begun = time.monotonic()
    player.play(FILES[0])
    assert time.monotonic() - begun < PATIENCE_S
    assert machine.heard(1) == ["slow found"]


def test_the_newest_sound_cuts_off_the_last(machine: Machine) -> None:
    player = machine.with_players(machine.program("slow", "exec sleep 60"))
    player.play(FILES[0])
    last = player._playing
    assert last is not None
    assert machine.heard(1)
    player.play(FILES[2])
    assert last.returncode == -signal.SIGTERM, "ended, and collected"
    assert machine.heard(2) == ["slow found", "slow refused"], "and it was no failure of the program"
    playing = player._playing
    player.close()
    assert playing is not None
    assert playing.returncode is not None


def test_a_program_that_finds_no_device_gives_way_to_the_next(machine: Machine) -> None:
    player = machine.with_players(machine.program("no_server", "exit 1"), machine.program("device", "exit 0"))
    for file in (FILES[0], FILES[1], FILES[2]):
        player.play(file)
        machine.until_over()
    assert machine.heard(3) == ["no_server found", "device unknown", "device refused"]


def test_where_nothing_plays_it_is_silent(machine: Machine) -> None:
    player = machine.with_players(("no such program",))
    player.play(FILES[0])
    player.play(FILES[1])
    assert player._playing is None


def test_a_program_that_cannot_be_started_is_given_up(machine: Machine) -> None:
    broken, argument = machine.program("broken", "")
    Path(broken).write_bytes(b"\x7fELF is no program")
    player = machine.with_players((broken, argument), machine.program("device", "exit 0"))
    player.play(FILES[0])
    player.play(FILES[1])
    assert machine.heard(1) == ["device unknown"]


def test_three_short_sounds_that_nobody_confuses() -> None:
    kinds = set()
    for file in FILES:
        with wave.open(str(file)) as sound:
            assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
            assert 0.05 < sound.getnframes() / sound.getframerate() < 0.6
            levels = array.array("h", sound.readframes(sound.getnframes()))
            kinds.add((sound.getnframes(), sum(a < 0 <= b for a, b in itertools.pairwise(levels))))
            assert max(levels) > 5_000
            assert abs(levels[0]) + abs(levels[-1]) < 500, "no click"
    assert len(kinds) == len(FILES)
