"""The command line's refunds and explanations: done by the use cases, answered in words and figures.

Every answer is one document and one text with the same figures. Must never reckon or print: the rules are the domain's,
the terminal is desktop.py's.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from urs_desktop.counter.use_cases.explaining import Explained, ExplainedRefund, Explaining
from urs_desktop.counter.use_cases.receipts import RefundReceipt
from urs_desktop.counter.use_cases.refund import Override, Refunding, RefundOrder
from urs_desktop.counter.use_cases.refundable import Quote, Refundable, promised, quote
from urs_desktop.counter.values import Product
from urs_desktop.domain.basket import Basket, LineItem, parse_quantity
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.explanation import Earning
from urs_desktop.domain.money import Money, parse_unit_price
from urs_desktop.domain.refund import RefundState
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import product_code
from urs_desktop.protocol.operations import RefundLine
from urs_desktop.status_commands import Answer, adjusted_documents, adjusted_text
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.wiring import OpenCounter

_MS: Final = 1000
_TIMES: Final = "\u00d7"
_UNCONFIRMED: Final = "The central store was not asked: refunds made at other counters may be missing."
_formats: Final = Formats(zone=UTC)


def refund(counter: OpenCounter, options: argparse.Namespace) -> Answer:
    """Refund a receipt's lines, or goods without one, or only say what that would come to.

    Raises Refusal and CentralDistrustedError as Refunding does.
    """
    link = counter.link()
    try:
        refunding = Refunding(counter.store, counter.recorder, link, link.push_all)
        if options.without_receipt:
            return _without_receipt(counter, refunding, options)
        return _of_receipt(refunding, options)
    finally:
        link.close()


def _of_receipt(refunding: Refunding, options: argparse.Namespace) -> Answer:
    sale = refunding.find(options.receipt)
    quoted = quote(sale, _pieces(sale, options.lines))
    if options.quote:
        return _answer(sale.sold.total.currency, quoted.adds, quoted.lines, sale=sale, quoted=quoted)
    order = RefundOrder(sale, quoted.pieces, override=_override(options), operator=options.operator)
    done = refunding.complete(order)
    return _answer(done.currency, promised(done.refund), done.refund.lines, sale=sale, quoted=quoted, done=done)


def _pieces(sale: Refundable, asked: Sequence[tuple[int, int | None]]) -> Mapping[int, int] | None:
    """Return the pieces of each line; a line without a quantity is all that is left of it, no line is everything."""
    if not asked:
        return None
    pieces: dict[int, int] = {}
    remaining = dict(enumerate(sale.remaining, 1))
    for line, quantity in asked:
        wanted = remaining.get(line, 1) if quantity is None else quantity
        if quantity is None and not wanted:
            raise Refusal(RefusalCode.REFUND_EXCEEDS_SALE, line=line, quantity=1, remaining=0)
        pieces[line] = pieces.get(line, 0) + wanted
    return pieces


def _override(options: argparse.Namespace) -> Override | None:
    if options.override_by is None and options.reason is None:
        return None
    return Override(options.override_by or "", options.reason or "")


def _without_receipt(counter: OpenCounter, refunding: Refunding, options: argparse.Namespace) -> Answer:
    currency = counter.identity().currency
    code = product_code(options.sku)
    known: Product | None = counter.store.read(lambda book: book.catalogue.find(code))
    line = LineItem(
        known.sku if known else code,
        known.description if known else "",
        parse_quantity(options.quantity),
        parse_unit_price(options.price, currency),
    )
    goods = Basket(currency).add(line)
    done = refunding.complete(RefundOrder(goods=goods, override=_override(options), operator=options.operator))
    return _answer(currency, promised(done.refund), done.refund.lines, done=done)


def _answer(
    currency: Currency,
    adds: RefundState,
    lines: Sequence[RefundLine],
    *,
    sale: Refundable | None = None,
    quoted: Quote | None = None,
    done: RefundReceipt | None = None,
) -> Answer:
    left = [{"line": n, "quantity": pieces} for n, pieces in enumerate(quoted.remaining, 1) if pieces] if quoted else []
    override = done.refund.override if done else None
    number = sale.number if sale else done.sale_number if done else ""
    adjusted = [done.adjusted] if done is not None and done.adjusted is not None else []
    document = {
        "receipt": done.number if done else None,
        "sale": number or None,
        "quote": done is None,
        "currency": currency.code,
        "total_minor": adds.value,
        "cash_back_minor": adds.cash_back,
        "points_back": adds.points_back,
        "clawed": adds.clawed,
        "lines": [_line(line) for line in lines],
        "remaining": left,
        "confirmed": sale.confirmed if sale else None,
        "override": {"operator": override.operator, "reason": override.reason} if override else None,
        "adjusted_receipts": adjusted_documents(adjusted),
    }
    elsewhere = done is not None and done.refund.sale is not None
    unnamed = "a receipt of another counter" if elsewhere else "goods without a receipt"
    named = f"receipt {number}" if number else unnamed
    head = f"Receipt {done.number}: refund of {named}." if done else f"Quote for {named}; nothing is stored yet."
    said = [head, *(_line_text(line, currency) for line in lines), _sum_text(adds, currency)]
    if sale is not None:
        pieces = ", ".join(f"{each['quantity']} of line {each['line']}" for each in left)
        said.append(f"Left to refund{'' if done else ' then'}: {pieces or 'nothing'}.")
        said += [] if sale.confirmed else [_UNCONFIRMED]
    if override is not None:
        said.append(f"Allowed by {plain(override.operator)}: {plain(override.reason)}.")
    said += [adjusted_text(each) for each in adjusted]
    return Answer(document, "\n".join(said))


def _line(line: RefundLine) -> dict[str, Any]:
    return {
        "line": line.n,
        "sku": line.sku,
        "description": line.description,
        "quantity": line.quantity,
        "total_minor": line.total,
    }


def _line_text(line: RefundLine, currency: Currency) -> str:
    name = plain(line.description) or plain(line.sku)
    place = f"line {line.n}: " if line.n else ""
    return f"  {place}{line.quantity} {_TIMES} {name}  {_money(line.total, currency)}"


def _sum_text(adds: RefundState, currency: Currency) -> str:
    points = f" and {adds.points_back} in points" if adds.points_back else ""
    clawed = f"; of the points earned, {adds.clawed} taken back" if adds.clawed else ""
    return f"Worth {_money(adds.value, currency)}: {_money(adds.cash_back, currency)} in cash{points} back{clawed}."


def why(counter: OpenCounter, options: argparse.Namespace) -> Answer:
    """Explain a receipt's points; without asking the central store if another program works on the data folder.

    Raises Refusal and CentralDistrustedError as Explaining does.
    """
    link = None if options.in_use else counter.link()
    try:
        refunding = Refunding(counter.store, counter.recorder, link)
        explained = Explaining(counter.store, refunding).receipt(options.receipt)
    finally:
        if link is not None:
            link.close()
    if isinstance(explained, RefundReceipt):
        body = explained.refund
        return _answer(explained.currency, promised(body), body.lines, done=explained)
    return Answer(_why_document(explained), "\n".join(_why_text(explained)))


def _why_document(explained: Explained) -> dict[str, Any]:
    sale, earning = explained.sale, explained.steps.earning
    policy = explained.steps.sold.policy
    return {
        "receipt": explained.number,
        "happened_at": _time(sale.happened_at),
        "recorded_at": _time(sale.recorded_at),
        "customer": sale.card,
        "currency": sale.currency,
        "engine": sale.engine,
        "policy": None
        if policy is None
        else {
            "policy_id": policy.policy_id,
            "version": policy.version,
            "hash": policy.digest().hex(),
            "threshold_minor": policy.threshold,
            "reward_bp": policy.reward_bp,
            "redeemable_bp": policy.redeemable_bp,
        },
        "total_minor": sale.total,
        "points_paid": sale.points_paid,
        "base_minor": earning.base.minor,
        "exceeds_threshold": earning.exceeds,
        "product": earning.product,
        "scale": earning.scale,
        "points_by_rule": earning.points,
        "points_earned": sale.earned,
        "lines": [
            {
                "line": n,
                "sku": line.sku,
                "description": line.description,
                "quantity": line.quantity,
                "total_minor": line.total,
                "points": line.earned,
            }
            for n, line in enumerate(sale.lines, 1)
        ],
        "refunds": [_refund_document(each) for each in explained.refunds],
        "confirmed": explained.confirmed,
        "adjusted_receipts": adjusted_documents(explained.adjusted),
    }


def _refund_document(refund: ExplainedRefund) -> dict[str, Any]:
    step, adds, signed = refund.step, refund.step.adds, refund.signed
    return {
        "receipt": refund.number or None,
        "op_id": refund.op_id.hex(),
        "pieces": [{"line": line, "quantity": quantity} for line, quantity in sorted(step.pieces.items())],
        "total_minor": adds.value,
        "cash_back_minor": adds.cash_back,
        "points_back": adds.points_back,
        "clawed": adds.clawed,
        "so_far": _state(step.after),
        "points_product": step.points_product,
        "base_left_minor": step.rest.base.minor,
        "base_left_exceeds_threshold": step.rest.exceeds,
        "base_left_earns": step.rest.points,
        "signed": None if signed is None else _state(promised(signed)),
    }


def _state(state: RefundState) -> dict[str, int]:
    return {
        "total_minor": state.value,
        "cash_back_minor": state.cash_back,
        "points_back": state.points_back,
        "clawed": state.clawed,
    }


def _why_text(explained: Explained) -> Iterator[str]:
    sale, currency, earning = explained.sale, explained.currency, explained.steps.earning
    yield f"Why {sale.earned} points? Receipt {explained.number} of {_formats.moment(sale.happened_at)} UTC."
    yield from _policy_text(earning, currency)
    paid = (
        f" less {sale.points_paid} points that paid"
        if sale.points_paid
        else ", all of it paid otherwise than with points"
    )
    yield f"Base: {_money(sale.total, currency)}{paid} = {_money(earning.base.minor, currency)}."
    yield _earning_text(earning, currency)
    if sale.card is None:
        yield "No customer was named, so nobody earned them."
    elif sale.earned != earning.points:
        yield f"The receipt says {sale.earned} points, the rule gives {earning.points}."
    for n, line in enumerate(sale.lines, 1):
        name = plain(line.description) or plain(line.sku)
        yield f"  line {n}: {line.quantity} {_TIMES} {name}  {_money(line.total, currency)}  {line.earned} points"
    for refund in explained.refunds:
        yield from _refund_text(explained, refund)
    yield from map(adjusted_text, explained.adjusted)
    if not explained.confirmed:
        yield _UNCONFIRMED


def _policy_text(earning: Earning, currency: Currency) -> Iterator[str]:
    policy = earning.policy
    if policy is None:
        yield "No reward policy was in force, so nothing was earned."
        return
    yield f"Policy {plain(policy.policy_id)}, version {policy.version}, hash {policy.digest().hex()}."
    yield (
        f"Rule: above {_money(policy.threshold, currency)}, {_formats.percentage(policy.reward_bp)} of the base, "
        "rounded down once; at or below it nothing."
    )


def _earning_text(earning: Earning, currency: Currency) -> str:
    policy, base = earning.policy, _money(earning.base.minor, currency)
    if policy is None:
        return f"{base} earns 0 points."
    threshold = _money(policy.threshold, currency)
    if not earning.exceeds:
        return f"{base} does not exceed {threshold}: 0 points."
    return (
        f"{base} exceeds {threshold}: {earning.base.minor} {_TIMES} {policy.reward_bp} / {earning.scale} = "
        f"{_formats.exact(earning.product, len(str(earning.scale)) - 1)}, rounded down: {earning.points} points."
    )


def _refund_text(explained: Explained, refund: ExplainedRefund) -> Iterator[str]:
    sale, currency, step, adds = explained.sale, explained.currency, refund.step, refund.step.adds
    pieces = ", ".join(f"{quantity} of line {line}" for line, quantity in sorted(step.pieces.items()))
    yield f"Refund {refund.number or 'at another counter'}: {pieces}; R = {_money(step.after.value, currency)} so far."
    yield (
        f"  Points back: {sale.points_paid} {_TIMES} {step.after.value} / {sale.total} rounded down = "
        f"{step.after.points_back} so far, {adds.points_back} now. "
        f"Cash back: R less them = {_money(step.after.cash_back, currency)} so far, "
        f"{_money(adds.cash_back, currency)} now."
    )
    yield f"  Left of the base: {_earning_text(step.rest, currency)}"
    yield (
        f"  Taken back: {sale.earned} earned less {sale.earned - step.after.clawed} still earned = "
        f"{step.after.clawed} so far, {adds.clawed} now."
    )
    if refund.signed is not None and promised(refund.signed) != adds:
        yield f"  Its receipt says otherwise. {_sum_text(promised(refund.signed), currency)}"


def _money(minor: int, currency: Currency) -> str:
    return _formats.money(Money(minor, currency))


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // _MS, UTC).isoformat()
