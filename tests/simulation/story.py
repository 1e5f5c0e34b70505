"""Tells a failing run so that a person can follow it: what was planned, what happened in which order, how to repeat it.

Must never leave out which message was lost.
"""

from collections.abc import Iterator

from tests.simulation.faults import DAY, HOUR, MINUTE
from tests.simulation.playing import Outcome

_SECOND = 1_000


def story(outcome: Outcome, mutant: str | None = None) -> Iterator[str]:
    """Yield the lines of the story of a run."""
    plan = outcome.plan
    yield f"seed {plan.seed}: {outcome.message}"
    rates = ", ".join(f"{name} {rate:.2f}" for name, rate in plan.faults.rates.items()) or "none"
    yield f"counters: {', '.join(plan.tills)}; faults: {rates}; on {'files' if plan.files else 'memory'}"
    yield f"planned ({len(plan.actions)}):"
    for action in sorted(plan.actions, key=lambda action: action.at):
        yield f"  {_time(action.at)}  #{action.number:<3} {action}"
    width = max((len(note.who) for note in outcome.notes), default=0)
    yield "happened:"
    for note in outcome.notes:
        head = f"  {_time(note.when)}  {note.who:<{width}}  "
        for line, text in enumerate(note.what.splitlines()):
            yield (head if not line else " " * len(head)) + text
    yield f"to keep it: {plan!r}"
    yield f"again: {command(outcome, mutant)}"


def command(outcome: Outcome, mutant: str | None = None) -> str:
    """Return the command that plays this seed again and shrinks it to the same story."""
    parts = ["python3 dev.py simulate --seeds 1", f"--start {outcome.plan.seed}"]
    if outcome.plan.files:
        parts.append("--files")
    if mutant:
        parts.append(f"--mutant {mutant}")
    return " ".join(parts)


def _time(ms: int) -> str:
    days, rest = divmod(ms, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    return f"{days}d {hours:02}:{minutes:02}:{rest / _SECOND:06.3f}"
