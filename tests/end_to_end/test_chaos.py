"""A bad day in short: kills, hangs, a broken network and full disks, and nothing lost, doubled or overdrawn.

Longer, with more counters: `python -m tests.end_to_end.chaos`. It runs in a process of its own, whose file systems end
with it.
"""

import json
import subprocess
import sys

from tests.end_to_end.processes import ROOT

SECONDS = 25
MOST_SECONDS = 400
"""Set-up, closing and proof take several times as long where the machine is busy."""


def test_a_bad_day() -> None:
    """Every kind of mishap may come; what was printed is at the central store once, with the same figures."""
    command = (sys.executable, "-m", "tests.end_to_end.chaos", "--minutes", str(SECONDS / 60), "--counters", "4")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["violations"] == []
    assert report["sales"] > 0
    assert report["points_redeemed"] > 0
    assert sum(report["mishaps"].values()) > 0
