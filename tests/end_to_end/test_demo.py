"""The demo shop without a display, as a newcomer runs it: a real central store, the real screens, an outage, a refund.

Must never look inside the program: what it prints and the files it leaves are all there is.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n"
_PATIENCE = 180


def demo(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the demo with no display."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run(
        [sys.executable, "-m", "urs_desktop", "--data-dir", str(folder), "demo"],
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        env=environment,
        check=False,
    )


def test_the_demo_rings_up_survives_an_outage_and_proves_itself_twice(tmp_path: Path) -> None:
    """It ends well on a new folder and again on the same one, with pictures, and leaves no program behind."""
    folder = tmp_path / "demo"
    for receipts in (20, 40):
        done = demo(folder)
        assert done.returncode == 0, done.stdout + done.stderr
        assert not done.stderr
        assert f"receipt 1-{receipts:06d}  refund of 1-{receipts - 1:06d}: " in done.stdout
        assert "19 sales rung up, 6 of them while the central store was down." in done.stdout
        assert re.search(
            r"^1 of the sales refunded in part: £\d+\.\d\d in cash and [1-9]\d* points go back, [1-9]\d* points earned "
            r"are taken back\.$",
            done.stdout,
            re.MULTILINE,
        )
        assert "verify, counter: clean" in done.stdout
        assert "verify, central store: Everything fits" in done.stdout
        assert "points paid" in done.stdout
        assert re.search(r"^[1-9]\d* points were paid with during the outage", done.stdout, re.MULTILINE)
        assert "Points during the outage:" not in done.stdout
    pictures = sorted((folder / "pictures").glob("*.png"))
    assert len(pictures) == 12
    assert all(picture.read_bytes().startswith(PNG) for picture in pictures)
    log = (folder / "urs-desktop.log").read_text()
    assert "Traceback" not in log
