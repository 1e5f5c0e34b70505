"""What a benchmark brings back: two series of times measured in turns, and how they are told.

Ratios are what counts; single times depend on the machine. Must never judge by an absolute time alone where a
reference can be had.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

NS_PER_MS: Final = 1_000_000
_NS: Final = 1_000_000_000


@dataclass(slots=True)
class Series:
    """Wall and processor times of one thing done many times, in nanoseconds."""

    wall: list[int] = field(default_factory=list)
    processor: int = 0

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Time the block."""
        wall, processor = time.perf_counter_ns(), time.process_time_ns()
        yield
        self.wall.append(time.perf_counter_ns() - wall)
        self.processor += time.process_time_ns() - processor

    @property
    def rate(self) -> int:
        """Times a second of wall time."""
        return len(self.wall) * _NS // max(1, sum(self.wall))

    def percentile(self, percent: int) -> int:
        """Return a percentile of the wall times, in nanoseconds."""
        ordered = sorted(self.wall)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]

    def milliseconds(self, percent: int) -> str:
        """Return a percentile of the wall times, in milliseconds."""
        return f"{self.percentile(percent) / NS_PER_MS:.3f}"

    def processor_each(self) -> str:
        """Return the processor time of one, in milliseconds."""
        return f"{self.processor / max(1, len(self.wall)) / NS_PER_MS:.3f}"

    def document(self) -> dict[str, Any]:
        """Return the series in figures."""
        return {
            "count": len(self.wall),
            "per_second": self.rate,
            "p50_ms": self.milliseconds(50),
            "p99_ms": self.milliseconds(99),
            "most_ms": self.milliseconds(100),
            "processor_ms_each": self.processor_each(),
        }


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure beside its reference; `goal` in words, `holds` whether it is met; `note` is what else was seen."""

    number: int
    what: str
    reference: str
    ours: Series
    theirs: Series
    goal: str
    holds: Callable[[Series, Series], bool]
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is met in this run."""
        return self.holds(self.ours, self.theirs)

    @property
    def longer(self) -> str:
        """How many times as long as the reference it takes, at the median."""
        return f"{self.ours.percentile(50) / max(1, self.theirs.percentile(50)):.2f}"

    def document(self) -> dict[str, Any]:
        """Return the figure for the JSON report."""
        return {
            "figure": self.number,
            "what": self.what,
            "reference": self.reference,
            "ours": self.ours.document(),
            "theirs": self.theirs.document(),
            "times_as_long": self.longer,
            "rate_ratio": f"{self.ours.rate / max(1, self.theirs.rate):.2f}",
            "processor_ratio": f"{self.ours.processor / max(1, self.theirs.processor):.2f}",
            "goal": self.goal,
            "met": self.met,
            "note": self.note,
        }
