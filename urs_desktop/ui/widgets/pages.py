"""Pages in one place, of which one is shown; the others take no part in laying out.

In a QStackedWidget they do: every change of a label has all pages measured anew, with every text in them. Must never
hold a page's meaning.
"""

from PySide6.QtWidgets import QStackedWidget, QWidget


class Pages(QStackedWidget):
    """Shows one page at a time; it is as large as that page wants."""

    def keep(self, page: QWidget) -> None:
        """Have a page that is not shown yet belong here, styled and ready."""
        page.setParent(self)
        page.hide()

    def show_page(self, page: QWidget) -> None:
        """Show this page instead of the one before."""
        before = self.currentWidget()
        if before is page:
            return
        self.addWidget(page)
        self.setCurrentWidget(page)
        if before is not None:
            self.removeWidget(before)
