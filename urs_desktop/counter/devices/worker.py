"""The printing thread: it alone waits for printers, so that neither a sale nor a screen ever does.

Must never run a step on a caller's thread.
"""

import logging
import threading

from urs_desktop.counter.use_cases.spooling import Spooling

_log = logging.getLogger(__name__)


class PrintWorker:
    """Sends what waits, one job after the other, whenever it is woken."""

    def __init__(self, spooling: Spooling) -> None:
        """Take what knows the jobs."""
        self._spooling = spooling
        self._work = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="printing", daemon=False)

    def start(self) -> None:
        """Begin, with what an earlier run left."""
        self._work.set()
        self._thread.start()

    def wake(self) -> None:
        """Look for jobs now."""
        self._work.set()

    def close(self) -> None:
        """Stop soon: a job that is being sent is broken off and counts as maybe printed; those that wait are kept."""
        self._stop.set()
        self._work.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._spooling.recover()
        except Exception:  # noqa: BLE001 - the thread must live: the next receipt may come out
            _log.exception("the print jobs of an earlier run could not be read")
        while not self._stop.is_set():
            self._work.wait()
            self._work.clear()
            try:
                while not self._stop.is_set() and self._spooling.step(self._stop):
                    pass
            except Exception:  # noqa: BLE001 - the thread must live: the next receipt may come out
                _log.exception("a print job could not be dealt with; it is looked at again with the next one")
