"""Between the printing thread and the screens: news of print jobs, the drawing of lines, and the virtual printer.

Must never let the printing thread touch a widget: its word comes by a queued signal.
"""

from PySide6.QtCore import QObject, Qt, Signal, Slot

from urs_desktop.counter.use_cases.printing import Printing
from urs_desktop.ui.presenters.print_desk import PrintDesk
from urs_desktop.ui.presenters.print_view import PrintView
from urs_desktop.ui.printing import save_pdf
from urs_desktop.ui.sheet_painting import draw_line
from urs_desktop.ui.virtual_printer import VirtualPrinter


class PrintingLink(QObject):
    """Brings one counter's printing to its window and back."""

    _changed = Signal()

    def __init__(self, printing: Printing, desk: PrintDesk) -> None:
        """Take what prints and the part of the presenter that is told of it."""
        super().__init__()
        self._printing = printing
        self._desk = desk
        self._virtual: VirtualPrinter | None = None
        self._changed.connect(self._look, Qt.ConnectionType.QueuedConnection)
        desk.write_pdf = save_pdf
        printing.spooling.draw_by(draw_line)
        printing.spooling.watch(self._tell)
        self._listens = True

    def _tell(self) -> None:
        """Say on the printing thread that something changed."""
        self._changed.emit()

    @Slot()
    def _look(self) -> None:
        self._desk.look()

    @property
    def virtual(self) -> VirtualPrinter | None:
        """Return the virtual printer's window, if there is one by now."""
        return self._virtual

    def render_state(self, printing: PrintView) -> None:
        """Show the virtual printer where it is the one that prints."""
        if printing.is_virtual:
            if self._virtual is None:
                self._virtual = VirtualPrinter(self._printing.roll)
            self._virtual.look()

    def close(self) -> None:
        """Listen no more and close the virtual printer."""
        if self._listens:
            self._printing.spooling.unwatch(self._tell)
            self._listens = False
        if self._virtual is not None:
            self._virtual.close()
            self._virtual.deleteLater()
            self._virtual = None
