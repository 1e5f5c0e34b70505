"""Sending print jobs, each at most once: it is on disk that a job is being sent before its first byte goes out.

After a byte may have reached the printer only a person can have it printed again. Must never be called on a thread
that somebody waits for.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs, urlsplit

from urs_desktop.counter.paper.escpos import Drawing, stream
from urs_desktop.counter.paper.models import MODELS, Model
from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.print_ports import JobKind, JobState, PrinterError, Printers, PrintJob, Trouble
from urs_desktop.counter.use_cases.preferences import Setup
from urs_desktop.domain.policy import DAY_MS
from urs_desktop.system.clock import Clock

DRAWER_WAITS_MS: Final = 20_000
"""A drawer springs open so soon after it was asked for, or not at all: nobody may stand before it later."""

SHEET_WAITS_MS: Final = 15 * 60_000
"""A sheet that could not be sent for so long is kept and no longer sent by itself: its customer has gone."""

KEEP_MS: Final = 30 * DAY_MS
"""Jobs that are over are kept for so long, so that a reprint is known to be one."""

_log = logging.getLogger(__name__)


class Spooling:
    """Sends the jobs of one counter."""

    def __init__(self, store: Store, clock: Clock, printers: Printers, setup: Setup) -> None:
        """Take the counter's store, the clock, the printers and what names the one to use."""
        self._store = store
        self._clock = clock
        self._printers = printers
        self._setup = setup
        self._drawing: Drawing | None = None
        self._watchers: list[Callable[[], None]] = []

    def draw_by(self, drawing: Drawing) -> None:
        """Have `drawing` draw the lines no code page can print; it is called on the printing thread."""
        self._drawing = drawing

    def watch(self, changed: Callable[[], None]) -> None:
        """Have `changed` called on the printing thread after a job has changed its state."""
        self._watchers.append(changed)

    def unwatch(self, changed: Callable[[], None]) -> None:
        """Call `changed` no more."""
        self._watchers.remove(changed)

    def recover(self) -> None:
        """Close what an earlier run left open: it may have been printed. Old jobs are forgotten."""
        forget = self._clock.now() - KEEP_MS

        def work(book: Book) -> None:
            for job in book.prints.interrupted():
                state = JobState.DROPPED if job.kind is JobKind.DRAWER else JobState.UNKNOWN
                book.prints.move(job.job_id, JobState.SENDING, state, Trouble.STOPPED)
            book.prints.prune(forget)

        self._store.write(work)

    def step(self, stop: threading.Event) -> bool:
        """Deal with the first job that waits; False when there is none. `stop` breaks a sending off.

        Errors of the store pass through; a job then stands as it was, or as maybe printed.
        """
        job = self._store.read(lambda book: book.prints.next_waiting())
        if job is None:
            return False
        age = self._clock.now() - job.made_at
        if age > (DRAWER_WAITS_MS if job.kind is JobKind.DRAWER else SHEET_WAITS_MS):
            self._move(job, JobState.WAITING, _unsent(job), Trouble.TOO_LATE)
        elif self._move(job, JobState.WAITING, JobState.SENDING):
            state, trouble = self._send(replace(job, kick=job.kick and age <= DRAWER_WAITS_MS), stop)
            self._move(job, JobState.SENDING, state, trouble)
        return True

    def _send(self, job: PrintJob, stop: threading.Event) -> tuple[JobState, Trouble | None]:
        sending = False
        try:
            preferences = self._setup.read()
            data = stream(
                job.document,
                preferences.columns,
                kick=job.kick,
                drawing=self._drawing,
                model=model_of(preferences.printer),
            )
            sending = True
            self._printers.deliver(preferences.printer, data, stop)
        except PrinterError as error:
            _log.warning("print job %s: %s (%s)", job.job_id, error.trouble, error)
            if error.trouble is Trouble.STOPPED and not error.reached:
                return JobState.WAITING, None  # the next start sends it, if that comes in time
            return (JobState.UNKNOWN if error.reached else _unsent(job)), error.trouble
        except Exception:  # noqa: BLE001 - the printing thread goes on with the next job, whatever this one met
            _log.exception("print job %s", job.job_id)
            return (JobState.UNKNOWN if sending else _unsent(job)), Trouble.BUG
        return JobState.PRINTED, None

    def _move(self, job: PrintJob, before: JobState, after: JobState, trouble: Trouble | None = None) -> bool:
        moved = self._store.write(lambda book: book.prints.move(job.job_id, before, after, trouble))
        for changed in tuple(self._watchers):
            try:
                changed()
            except Exception:  # noqa: BLE001 - a screen that is gone must not keep a job from its end
                _log.exception("who watches the print jobs could not be told")
        return moved


def _unsent(job: PrintJob) -> JobState:
    return JobState.DROPPED if job.kind is JobKind.DRAWER else JobState.KEPT


def model_of(address: str) -> Model:
    """Return the model a printer's address names (`?model=epson`); if it names none, what every printer can do."""
    try:
        named = parse_qs(urlsplit(address).query).get("model", [""])[-1]
    except ValueError:
        named = ""
    return MODELS.get(named, MODELS[""])
