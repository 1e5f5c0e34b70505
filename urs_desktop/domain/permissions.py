"""What a person at a counter may do, one name for each action, and which roles may do it.

Denied unless named. Stored and signed, so a name is never changed or given another meaning. Must never know a person.
"""

from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One action that not everybody may do."""

    SELL = "sell"
    DISCOUNT = "discount"
    PRICE_OVERRIDE = "price_override"
    VOID_SALE = "void_sale"
    ADD_PRODUCT = "add_product"
    REFUND = "refund"
    REFUND_WITHOUT_RECEIPT = "refund_without_receipt"
    REPRINT = "reprint"
    OPEN_DRAWER = "open_drawer"
    ENROL_CUSTOMER = "enrol_customer"
    OPEN_SHIFT = "open_shift"
    PAY_IN_OUT = "pay_in_out"
    X_REPORT = "x_report"
    CLOSE_SHIFT = "close_shift"
    CLOSE_WITH_DIFFERENCE = "close_with_difference"
    SEE_DASHBOARD = "see_dashboard"
    CHANGE_SETTINGS = "change_settings"
    MANAGE_STAFF = "manage_staff"


class Role(StrEnum):
    """What somebody is at a counter."""

    CASHIER = "cashier"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"


_CASHIER: Final = frozenset(
    {
        Permission.SELL,
        Permission.REFUND,
        Permission.REPRINT,
        Permission.ENROL_CUSTOMER,
        Permission.OPEN_SHIFT,
        Permission.CLOSE_SHIFT,
    }
)
_SUPERVISOR: Final = _CASHIER | {
    Permission.DISCOUNT,
    Permission.PRICE_OVERRIDE,
    Permission.VOID_SALE,
    Permission.ADD_PRODUCT,
    Permission.OPEN_DRAWER,
    Permission.PAY_IN_OUT,
    Permission.X_REPORT,
    Permission.REFUND_WITHOUT_RECEIPT,
}

BY_TWO: Final = frozenset({Permission.REFUND_WITHOUT_RECEIPT})
"""What nobody does alone, whatever they may: a second person allows it, with a reason."""

ALLOWED: Final[dict[Role, frozenset[Permission]]] = {
    Role.CASHIER: _CASHIER,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.MANAGER: frozenset(Permission),
}
"""What each role may do by itself."""
