"""Runs that once failed, each with the fault it found; they are played for ever.

They are whole plans and not seeds, because what a seed draws changes with every new action. Must never lose one.
"""

from collections.abc import Mapping
from typing import Final

from tests.simulation.plan import Plan

REGRESSIONS: Final[Mapping[str, Plan]] = {}
"""By what went wrong then, in a sentence."""
