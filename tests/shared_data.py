"""Facts nobody on this project made up: the shared data folder beside the repository, where it is there.

Tests that need it skip where it is absent. Must never name a path of one machine.
"""

from pathlib import Path

import pytest


def shared(*parts: str) -> Path:
    """Return a file of the shared data; skips the test where there is none."""
    for folder in Path(__file__).resolve().parents:
        found = folder.joinpath("shared", "data", *parts)
        if found.exists():
            return found
    pytest.skip(f"no shared data here ({'/'.join(parts)})")


RETAIL = ("retail", "online_retail_2010-12_to_2011-02.csv.gz")
"""The real retail journal (UCI Online Retail, Chen 2015, CC BY 4.0)."""
