"""The rows that a sale and a refund have alike.

Must never say anything the operation does not: what the centre thinks of it stands elsewhere.
"""

from collections.abc import Sequence

from urs_desktop.central.origin import Origin
from urs_desktop.protocol.operations import RefundBody, SaleBody, SaleTender


def receipt(origin: Origin, body: SaleBody | RefundBody, customer_id: str | None) -> dict[str, object]:
    """Return who made a receipt, when, in which currency and over how much."""
    return {
        "op_id": origin.op_id,
        "device_id": origin.counter.device_id,
        "epoch": origin.counter.epoch,
        "receipt": body.receipt,
        "vendor_id": origin.counter.vendor_id,
        "customer_id": customer_id,
        "happened_at": body.happened_at,
        "recorded_at": body.recorded_at,
        "received_at": origin.now,
        "currency": body.currency,
        "total": body.total,
        "policy_id": body.policy.policy_id if body.policy else None,
        "policy_version": body.policy.version if body.policy else None,
        "engine": body.engine,
        "operator": body.operator,
        "journal": body.source.journal if body.source else None,
        "invoice": body.source.invoice if body.source else None,
    }


def tenders(origin: Origin, paid: Sequence[SaleTender]) -> list[dict[str, object]]:
    """Return the payment lines of a receipt in their order, in minor units."""
    return [
        {"op_id": origin.op_id, "n": n, "kind": tender.kind, "amount": tender.amount, "tendered": tender.tendered}
        for n, tender in enumerate(paid, 1)
    ]
