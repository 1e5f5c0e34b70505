"""What may be done at a counter and what people are there, in words.

A test demands words for every permission and role. Must never say who may do what.
"""

from typing import Final

from PySide6.QtCore import QCoreApplication

from urs_desktop.domain.permissions import Permission, Role
from urs_desktop.ui.translation import QT_TRANSLATE_NOOP

ACTIONS: Final[dict[Permission, str]] = {
    Permission.SELL: QT_TRANSLATE_NOOP("permissions", "Sell"),
    Permission.DISCOUNT: QT_TRANSLATE_NOOP("permissions", "Give a discount"),
    Permission.PRICE_OVERRIDE: QT_TRANSLATE_NOOP("permissions", "Change a price"),
    Permission.VOID_SALE: QT_TRANSLATE_NOOP("permissions", "Void a line or a sale"),
    Permission.ADD_PRODUCT: QT_TRANSLATE_NOOP("permissions", "Add a product"),
    Permission.REFUND: QT_TRANSLATE_NOOP("permissions", "Refund"),
    Permission.REFUND_WITHOUT_RECEIPT: QT_TRANSLATE_NOOP("permissions", "Refund without a receipt"),
    Permission.REPRINT: QT_TRANSLATE_NOOP("permissions", "Print a receipt again"),
    Permission.OPEN_DRAWER: QT_TRANSLATE_NOOP("permissions", "Open the cash drawer"),
    Permission.ENROL_CUSTOMER: QT_TRANSLATE_NOOP("permissions", "Enrol a customer"),
    Permission.OPEN_SHIFT: QT_TRANSLATE_NOOP("permissions", "Open the shift"),
    Permission.PAY_IN_OUT: QT_TRANSLATE_NOOP("permissions", "Put cash in or take it out"),
    Permission.X_REPORT: QT_TRANSLATE_NOOP("permissions", "See the shift's report"),
    Permission.CLOSE_SHIFT: QT_TRANSLATE_NOOP("permissions", "Close the shift"),
    Permission.CLOSE_WITH_DIFFERENCE: QT_TRANSLATE_NOOP("permissions", "Close the shift with a difference"),
    Permission.SEE_DASHBOARD: QT_TRANSLATE_NOOP("permissions", "See the dashboard"),
    Permission.CHANGE_SETTINGS: QT_TRANSLATE_NOOP("permissions", "Change the settings"),
    Permission.MANAGE_STAFF: QT_TRANSLATE_NOOP("permissions", "Manage the staff"),
}

ROLES: Final[dict[Role, str]] = {
    Role.CASHIER: QT_TRANSLATE_NOOP("permissions", "Cashier"),
    Role.SUPERVISOR: QT_TRANSLATE_NOOP("permissions", "Supervisor"),
    Role.MANAGER: QT_TRANSLATE_NOOP("permissions", "Manager"),
}


def action_text(permission: Permission) -> str:
    """Return what somebody wants to do, in the language of the program."""
    return QCoreApplication.translate("permissions", ACTIONS[permission])


def role_text(role: Role) -> str:
    """Return what somebody is, in the language of the program."""
    return QCoreApplication.translate("permissions", ROLES[role])
