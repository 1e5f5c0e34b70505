"""What the refund room says while it has nothing else to say: what the field asks for, what can be done next.

Must never tell of anything that happened: notices do.
"""

from PySide6.QtCore import QObject

from urs_desktop.ui.presenters.refund_state import RefundPhase, RefundState


class RefundWords(QObject):
    """Words for each phase of a refund."""

    def asked(self, state: RefundState) -> str:
        """Return what the field asks for."""
        if state.phase is RefundPhase.GATHERING:
            return self.tr("Scan or type the code of what comes back, 3* before it for three")
        if state.phase is RefundPhase.CHOOSING:
            return self.tr("Reference the terminal printed")
        return self.tr("Scan or type the receipt number, or a customer")

    def hint(self, phase: RefundPhase) -> str:
        """Return what can be done next."""
        if phase is RefundPhase.GATHERING:
            return self.tr("Scan each piece. Enter on an empty field asks somebody else to allow it. Esc goes back.")
        if phase is RefundPhase.CHOOSING:
            return self.tr("Arrows choose a line, digits or + and \u2013 the pieces, Enter refunds. Esc goes back.")
        if phase is RefundPhase.FINDING:
            return self.tr("Looking for the receipt.")
        if phase is RefundPhase.DONE:
            return self.tr("The refund is stored. Enter begins the next one, Esc goes back to selling.")
        return self.tr("Scan the receipt, or type its number and press Enter. Esc goes back to selling.")

    def empty(self, phase: RefundPhase) -> str:
        """Return what stands where there is no line."""
        if phase is RefundPhase.GATHERING:
            return self.tr("Scan what comes back, or type its code.")
        return self.tr("No receipt fits.\nScan the receipt, or type its number or the customer.")
