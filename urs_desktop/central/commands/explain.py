"""The command that answers "why so many points?": what was signed, the arithmetic step by step, and what was booked.

Must never show who the customer is beyond the card code on the receipt.
"""

import argparse
from typing import Any

from urs_desktop.central import explaining, inspection
from urs_desktop.central.bootstrap import Central
from urs_desktop.central.commands.registry import Answer, Registry, decimal, percentage
from urs_desktop.central.explaining import Booked, Explained, Receipt
from urs_desktop.domain.currency import Currency, currency
from urs_desktop.domain.explanation import Earning, RefundStep
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode


def add_to(commands: Registry) -> None:
    """Add this command and its options."""
    why = commands.add("explain", "show why a sale earned its points, and what its refunds took back", _explain)
    why.add_argument("--vendor", metavar="ID")
    why.add_argument("--counter", type=int, metavar="N", help="the counter's number")
    why.add_argument("--receipt", type=int, metavar="R", help="of the sale or of a refund of it")
    why.add_argument("--operation", metavar="HEX", help="instead of vendor, counter and receipt")
    why.set_defaults(wrong=why.error)


def _explain(central: Central, options: argparse.Namespace) -> Answer:
    receipt = (options.vendor, options.counter, options.receipt)
    named = [part is not None for part in receipt]
    if any(named) == (options.operation is not None) or any(named) != all(named):
        options.wrong("name the receipt by --vendor, --counter and --receipt, or the sale by --operation")
    with central.database.read() as connection:
        if options.operation is not None:
            found = explaining.by_operation(connection, _operation(options.operation))
        else:
            found = explaining.by_receipt(connection, *receipt)
    unit = currency(found.signed.currency)
    return Answer("\n".join(_lines(found, unit)), _document(found, unit))


def _operation(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Refusal(RefusalCode.RECEIPT_UNKNOWN, receipt=0) from None


def _document(found: Explained, unit: Currency) -> dict[str, Any]:
    signed, steps = found.signed, found.explanation
    named = signed.policy
    return {
        **_receipt(found.receipt),
        "vendor_id": found.vendor_id,
        "vendor": found.vendor,
        "receipt": signed.receipt,
        "code": found.card,
        "signed": {
            "currency": signed.currency,
            "total": decimal(signed.total, unit.digits),
            "points_paid": signed.points_paid,
            "points_promised": signed.earned,
            "policy_id": named.policy_id if named else None,
            "version": named.version if named else None,
            "hash": named.hash if named else None,
            "engine": signed.engine,
            "recorded_at": inspection.time_text(signed.recorded_at),
            "happened_at": inspection.time_text(signed.happened_at),
        },
        "policy": None if found.policy is None else _policy(found.policy, unit),
        "earning": _earning(steps.earning, unit),
        "points_booked": found.posted,
        "shares": list(steps.shares),
        "refunds": [
            {**_receipt(receipt), "receipt": body.receipt, **_refund(step, unit)}
            for receipt, body, step in zip(found.refunds, found.returned, steps.refunds, strict=True)
        ],
        "entries": [_entry(entry) for entry in found.entries],
    }


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "operation": receipt.op_id.hex(),
        "counter": receipt.counter,
        "result": receipt.result,
        "reason": receipt.code or None,
    }


def _policy(policy: RewardPolicy, unit: Currency) -> dict[str, Any]:
    return {
        "policy_id": policy.policy_id,
        "version": policy.version,
        "category": policy.category.value,
        "vendor_id": policy.vendor_id,
        "threshold": decimal(policy.threshold, unit.digits),
        "reward_percentage": percentage(policy.reward_bp),
        "redeemable_percentage": percentage(policy.redeemable_bp),
        "valid_from": inspection.time_text(policy.valid_from),
        "valid_until": inspection.time_text(policy.valid_until),
        "vests_after": policy.vests_after,
        "expires_after": policy.expires_after,
        "digest": policy.digest().hex(),
    }


def _earning(earning: Earning, unit: Currency) -> dict[str, Any]:
    return {
        "base": decimal(earning.base.minor, unit.digits),
        "exceeds": earning.exceeds,
        "product": earning.product,
        "divisor": earning.scale,
        "points": earning.points,
    }


def _refund(step: RefundStep, unit: Currency) -> dict[str, Any]:
    return {
        "pieces": {str(line): quantity for line, quantity in sorted(step.pieces.items())},
        "value_so_far": decimal(step.after.value, unit.digits),
        "points_back_so_far": step.after.points_back,
        "cash_back_so_far": decimal(step.after.cash_back, unit.digits),
        "still_earned": _earning(step.rest, unit),
        "taken_back_so_far": step.after.clawed,
        "value": decimal(step.adds.value, unit.digits),
        "points_back": step.adds.points_back,
        "cash_back": decimal(step.adds.cash_back, unit.digits),
        "taken_back": step.adds.clawed,
    }


def _entry(entry: Booked) -> dict[str, Any]:
    return {
        "entry_id": entry.entry_id.hex(),
        "kind": entry.kind,
        "points": entry.points,
        "operation": entry.op_id.hex(),
        "created_at": inspection.time_text(entry.created_at),
        "postings": [
            {"account": p.account, "owner": p.owner, "unit": p.unit, "amount": p.amount} for p in entry.postings
        ],
    }


def _lines(found: Explained, unit: Currency) -> list[str]:
    signed, steps, receipt = found.signed, found.explanation, found.receipt
    total = decimal(signed.total, unit.digits)
    lines = [
        f"Receipt {signed.receipt} of counter {receipt.counter} at {found.vendor}, operation {receipt.op_id.hex()}",
        f"signed: total {total} {signed.currency}, {signed.points_paid} points paid, {signed.earned} points promised",
    ]
    if signed.policy is not None:
        named = signed.policy
        lines.append(f"signed: policy {named.policy_id} version {named.version}, hash {named.hash}")
    if found.policy is not None:
        above, rate = decimal(found.policy.threshold, unit.digits), percentage(found.policy.reward_bp)
        lines.append(f"policy: above {above}, {rate} %; hash {found.policy.digest().hex()}")
    lines.append(f"base: {total} less {signed.points_paid} points")
    lines.append(f"rules: {_arithmetic(steps.earning, unit)}")
    lines.append(f"booked: {found.posted} points{_why(found)}")
    for refund, body, step in zip(found.refunds, found.returned, steps.refunds, strict=True):
        lines.append(f"Refund, receipt {body.receipt} of counter {refund.counter}, operation {refund.op_id.hex()}")
        lines += _refund_lines(step, found, unit)
    for entry in found.entries:
        parts = ", ".join(f"{p.account} {p.amount:+}" for p in entry.postings)
        lines.append(f"{entry.kind} {entry.points}: {parts or 'no account moves'}")
    return lines


def _why(found: Explained) -> str:
    if found.card is None:
        return ", for no customer was named"
    return f" ({found.receipt.code})" if found.receipt.code else ""


def _arithmetic(earning: Earning, unit: Currency) -> str:
    base = decimal(earning.base.minor, unit.digits)
    if earning.policy is None:
        return f"{base} earns nothing: no policy is named or known"
    threshold = decimal(earning.policy.threshold, unit.digits)
    if not earning.exceeds:
        return f"{base} does not exceed {threshold}: 0 points"
    sum_ = f"{earning.base.minor} * {earning.policy.reward_bp} / {earning.scale}"
    return f"{base} exceeds {threshold}: {sum_}, rounded down, is {earning.points} points"


def _refund_lines(step: RefundStep, found: Explained, unit: Currency) -> list[str]:
    sold, after, adds = found.explanation.sold, step.after, step.adds
    whole, so_far, now = (decimal(minor, unit.digits) for minor in (sold.total.minor, after.value, adds.value))
    cash = decimal(adds.cash_back, unit.digits)
    back = f"{sold.paid()} * {after.value} / {sold.total.minor}, rounded down, is {after.points_back}"
    return [
        f"value: {so_far} of {whole} so far, {now} by this refund",
        f"points back: {back} so far, {adds.points_back} by this refund; the rest is {cash} cash",
        f"still earned: {_arithmetic(step.rest, unit)}",
        f"taken back: {sold.earned} less what is still earned is {after.clawed} so far, {adds.clawed} by this refund",
    ]
