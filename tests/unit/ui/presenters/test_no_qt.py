"""The presenters run where Qt is not installed."""

import subprocess
import sys


def test_presenters_import_no_qt() -> None:
    code = (
        "import sys; import urs_desktop.ui.presenters.sell;"
        "sys.exit(any(m.startswith(('PySide6', 'shiboken6', 'sqlalchemy')) for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
