"""Why a job did not come out of the printer, as sentences: what happened and what to do.

A test demands one for every code. Must never name a device's library.
"""

from typing import Final

from PySide6.QtCore import QCoreApplication

from urs_desktop.counter.print_ports import Trouble
from urs_desktop.ui.presenters.print_view import PrintStage, PrintView
from urs_desktop.ui.translation import QT_TRANSLATE_NOOP

TROUBLES: Final[dict[Trouble, str]] = {
    Trouble.NO_PRINTER: QT_TRANSLATE_NOOP("printers", "No printer is named in the settings."),
    Trouble.ADDRESS: QT_TRANSLATE_NOOP("printers", "The printer's address in the settings cannot be read."),
    Trouble.NOT_FOUND: QT_TRANSLATE_NOOP("printers", "The printer is not there; check its cable and its address."),
    Trouble.FORBIDDEN: QT_TRANSLATE_NOOP("printers", "This machine does not let the program use the printer."),
    Trouble.REFUSED: QT_TRANSLATE_NOOP("printers", "The printer refuses; another program or counter may hold it."),
    Trouble.UNREACHABLE: QT_TRANSLATE_NOOP("printers", "The printer does not answer; check that it is on."),
    Trouble.GONE: QT_TRANSLATE_NOOP("printers", "The printer broke off in the middle."),
    Trouble.STALLED: QT_TRANSLATE_NOOP("printers", "The printer stopped; look for paper, an open cover or a lamp."),
    Trouble.SYSTEM: QT_TRANSLATE_NOOP("printers", "This machine's own printing did not take it."),
    Trouble.STOPPED: QT_TRANSLATE_NOOP("printers", "The program was closed meanwhile."),
    Trouble.TOO_LATE: QT_TRANSLATE_NOOP("printers", "The printer was away for too long."),
    Trouble.BUG: QT_TRANSLATE_NOOP("printers", "Something unexpected went wrong and was noted in the log."),
}


_STAGES: Final[dict[PrintStage, str]] = {
    PrintStage.NONE: "",
    PrintStage.UNASKED: QT_TRANSLATE_NOOP("printers", "No receipt was printed."),
    PrintStage.WAITING: QT_TRANSLATE_NOOP("printers", "The receipt is being printed …"),
    PrintStage.PRINTED: QT_TRANSLATE_NOOP("printers", "The receipt was printed."),
    PrintStage.KEPT: QT_TRANSLATE_NOOP("printers", "The receipt was not printed: {reason} It is kept."),
    PrintStage.UNKNOWN: QT_TRANSLATE_NOOP(
        "printers", "The receipt may have been printed: {reason} Look at the paper; printing again makes a copy."
    ),
}
_COPY_PRINTED: Final = QT_TRANSLATE_NOOP("printers", "A marked copy was printed.")
_SHORT: Final[dict[PrintStage, str]] = {
    PrintStage.NONE: "",
    PrintStage.UNASKED: "",
    PrintStage.WAITING: QT_TRANSLATE_NOOP("printers", "waiting"),
    PrintStage.PRINTED: QT_TRANSLATE_NOOP("printers", "printed"),
    PrintStage.KEPT: QT_TRANSLATE_NOOP("printers", "not printed"),
    PrintStage.UNKNOWN: QT_TRANSLATE_NOOP("printers", "may be printed"),
}


def paper_text(printing: PrintView) -> str:
    """Return in a sentence what became of a receipt's paper; nothing where there is no printer."""
    if printing.stage is PrintStage.PRINTED and printing.is_copy:
        return QCoreApplication.translate("printers", _COPY_PRINTED)
    said = QCoreApplication.translate("printers", _STAGES[printing.stage]) if _STAGES[printing.stage] else ""
    return said.format(reason=trouble_text(printing.trouble))


def stage_word(stage: PrintStage) -> str:
    """Return in a word what became of a receipt's paper, for a list."""
    return QCoreApplication.translate("printers", _SHORT[stage]) if _SHORT[stage] else ""


def trouble_text(code: str) -> str:
    """Return the sentence for a trouble's code; none for one that is not known."""
    try:
        return QCoreApplication.translate("printers", TROUBLES[Trouble(code)])
    except ValueError:
        return ""
