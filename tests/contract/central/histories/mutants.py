"""The ledger's rules broken one at a time, to see each broken rule caught.

Every mutant patches the program for as long as it is entered. Must never be imported by the program.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from urs_desktop.central import due, ingest, leases, ledger, lots, points, refunds, sales
from urs_desktop.central.causes import Cause
from urs_desktop.central.ledger import LotMove
from urs_desktop.central.lots import Part, Taken
from urs_desktop.central.origin import Origin, Outcome
from urs_desktop.central.schema import entries
from urs_desktop.central.schema import lots as lot_rows
from urs_desktop.domain import ledger as rules
from urs_desktop.domain import refund, rounding
from urs_desktop.domain.ledger import Account, AccountKind, Entry, EntryKind, Posting, Unit
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.refund import RefundState, Sold
from urs_desktop.protocol.operations import RefundBody

Mutant = Callable[[], AbstractContextManager[None]]


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:  # noqa: ANN401 - any attribute of any thing
    before = owner.__dict__[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _patch(owner: Any, name: str, value: Any) -> AbstractContextManager[None]:  # noqa: ANN401 - as above
    return _replaced(owner, name, value)


def refund_rounds_each_piece() -> AbstractContextManager[None]:
    """Points are given back and taken piece by piece, each rounded by itself."""
    whole = refund.refund_state

    def state(sold: Sold, pieces: Counter[int]) -> RefundState:
        each = [whole(sold, Counter([n])) for n, count in sorted(pieces.items()) for _ in range(max(0, count))]
        right = whole(sold, pieces)
        back = min(sum(part.points_back for part in each), sold.paid())
        return replace(right, points_back=Points(back), cash_back=right.value - back)

    return _patch(refund, "refund_state", state)


def clawback_ignores_pending() -> AbstractContextManager[None]:
    """Points that have not vested are left to the customer, and a debt made of them."""
    original = lots.to_claw

    def to_claw(connection: sa.Connection, customer: str, sale: bytes, wanted: int) -> Taken:
        taken = original(connection, customer, sale, wanted)
        moves = tuple(LotMove(move.lot_id, available=move.available) for move in taken.moves if move.available)
        return Taken(moves, Points(taken.points - taken.pending), Points(0))

    return _patch(lots, "to_claw", to_claw)


def clawback_spares_the_own_lot() -> AbstractContextManager[None]:
    """A clawback takes what expires first, wherever it came from."""
    original = lots.to_claw
    return _patch(lots, "to_claw", lambda c, customer, sale, wanted: original(c, customer, sale + b"?", wanted))


def clawback_takes_refilled_lots_early() -> AbstractContextManager[None]:
    """Lots a sale was paid from are taken from like any other, so that splitting its refund changes which are left."""
    original = lots.to_claw

    def to_claw(*arguments: Any) -> Taken:  # noqa: ANN401 - as the original
        with _replaced(lots, "_spent_on", lambda *_: []):
            return original(*arguments)

    return _patch(lots, "to_claw", to_claw)


def given_back_to_the_newest_lot() -> AbstractContextManager[None]:
    """Points given back go to the customer's newest lot and take its expiry."""

    def to_give_back(connection: sa.Connection, sale: bytes, before: int, after: int) -> list[Part]:
        spent = lots._spent_on(connection, sale)
        owner = sa.select(lot_rows.c.customer_id).where(lot_rows.c.lot_id == spent[0].lot_id).scalar_subquery()
        newest = sa.select(lot_rows).where(lot_rows.c.customer_id == owner).order_by(lot_rows.c.created_at.desc())
        row = connection.execute(newest.limit(1)).one()
        return [Part(row.lot_id, after - before, row.expires_at)]

    return _patch(lots, "to_give_back", to_give_back)


def given_back_in_the_order_spent() -> AbstractContextManager[None]:
    """What was spent first goes back first."""
    original = lots._spent_on
    return _patch(lots, "_spent_on", lambda connection, sale: original(connection, sale)[::-1])


def late_points_given_back() -> AbstractContextManager[None]:
    """A refund gives back what the vendor had given."""
    return _patch(refund, "to_wallet", lambda points_back, paid, redeemed: points_back)


def late_points_rounded_by_themselves() -> AbstractContextManager[None]:
    """The part that was redeemed and the rest are each a share of the value, rounded by itself."""
    original = points.unlate

    def unlate(connection: sa.Connection, cause: Cause, wanted: Points) -> None:
        original(connection, cause, Points(wanted - 1))

    return _patch(points, "unlate", unlate)


@contextmanager
def expired_points_come_back_alive() -> Iterator[None]:
    """Points given back to a lot that is over stay there."""
    original = points.give_back

    def give_back(*arguments: Any) -> None:  # noqa: ANN401 - as the original
        with _replaced(Part, "is_over", lambda part, now: False):
            original(*arguments)

    with _replaced(points, "give_back", give_back):
        yield


@contextmanager
def returned_points_stay_alive() -> Iterator[None]:
    """Points a lease returns to a lot that is over stay there."""
    original = points.void

    def void(*arguments: Any) -> None:  # noqa: ANN401 - as the original
        with _replaced(Part, "is_over", lambda part, now: False):
            original(*arguments)

    with _replaced(points, "void", void):
        yield


def debt_paid_to_who_lets_earn() -> AbstractContextManager[None]:
    """A debt is repaid to the vendor at which the customer earns, not to the one that is owed."""
    original = points._recover

    def recover(connection: sa.Connection, cause: Cause, repayable: int) -> None:
        make = rules.recover
        other = cause.vendor_id or "nobody"
        with _replaced(rules, "recover", lambda beneficiary, customer, amount: make(other, customer, amount)):
            original(connection, cause, repayable)

    return _patch(points, "_recover", recover)


def debt_never_repaid() -> AbstractContextManager[None]:
    """Who owes keeps what comes in."""
    return _patch(points, "_recover", lambda connection, cause, repayable: None)


def newest_debt_first() -> AbstractContextManager[None]:
    """The vendor that was owed last is repaid first."""
    order = entries.c.created_at.desc(), entries.c.entry_id.desc()
    return _patch(points, "_DEBTS", points._DEBTS.order_by(None).order_by(*order))


def hold_takes_what_expires_first() -> AbstractContextManager[None]:
    """A lease is given points that will be over before it is."""
    original = lots.to_hold
    return _patch(lots, "to_hold", lambda c, customer, wanted, now, until: original(c, customer, wanted, now, now))


def expiry_takes_what_is_held() -> AbstractContextManager[None]:
    """A lot that is over loses what a lease holds of it as well."""
    columns = [column for column in due._EXPIRING_OF.selected_columns if column.name != "available"]
    both = (lot_rows.c.available + lot_rows.c.held).label("available")
    return _patch(due, "_EXPIRING_OF", due._EXPIRING_OF.with_only_columns(*columns, both))


def points_never_expire() -> AbstractContextManager[None]:
    """The upkeep leaves lots that are over as they are."""
    return _patch(due, "_EXPIRING_OF", due._EXPIRING_OF.where(sa.false()))


def points_vest_at_once() -> AbstractContextManager[None]:
    """Points of a policy that lets them vest can be spent at once."""
    return _patch(RewardPolicy, "vests_at", lambda policy, earned_at: None)


def threshold_itself_earns() -> AbstractContextManager[None]:
    """A total at the threshold earns, not only one above it."""

    def earn(policy: RewardPolicy, base: Money) -> Points:
        return Points(base.minor * policy.reward_bp // 10_000 if base.minor >= policy.threshold else 0)

    return _patch(RewardPolicy, "earn", earn)


def rounded_to_the_nearest() -> AbstractContextManager[None]:
    """Whatever is rounded down is rounded to the nearest."""
    return _patch(rounding, "floor", rounding.half_up)


def clawed_from_the_total() -> AbstractContextManager[None]:
    """What is taken back follows from the total, points paid included, not from the base."""

    def clawed(sold: Sold, cash_back: int) -> Points:
        if sold.policy is None or not cash_back:
            return Points(0)
        rest = Money(sold.total.minor - cash_back, sold.total.currency)
        return Points(sold.earned - min(sold.earned, sold.policy.earn(rest)))

    return _patch(refund, "_clawed", clawed)


def wrong_sign() -> AbstractContextManager[None]:
    """A redemption takes from what is due to the vendor."""
    original = rules.redeem

    def redeem(vendor: str, customer: str, lease: str, amount: Points) -> Entry:
        right = original(vendor, customer, lease, amount)
        wrong = tuple(
            replace(posting, amount=-posting.amount) if posting.unit is Unit.MONEY else posting
            for posting in right.postings
        )
        return Entry(EntryKind.REDEEM, amount, wrong)

    return _patch(rules, "redeem", redeem)


def recovery_pays_nobody() -> AbstractContextManager[None]:
    """Points that repay a debt become breakage."""

    def recover(beneficiary: str, customer: str, amount: Points) -> Entry:
        del beneficiary
        return Entry(
            EntryKind.RECOVER,
            amount,
            (
                Posting(Account(AccountKind.AVAIL, customer), Unit.POINTS, -amount),
                Posting(Account(AccountKind.DEBT, customer), Unit.POINTS, amount),
                Posting(Account(AccountKind.POOL), Unit.MONEY, -amount),
                Posting(Account(AccountKind.BREAKAGE), Unit.MONEY, amount),
            ),
        )

    return _patch(rules, "recover", recover)


def lots_not_moved() -> AbstractContextManager[None]:
    """An entry leaves the lots as they are."""
    return _patch(ledger, "_move_lots", lambda *_, **__: None)


def wallet_not_moved() -> AbstractContextManager[None]:
    """An entry leaves the wallet as it is."""
    return _patch(ledger, "_move_wallets", lambda *_: 0)


@contextmanager
def other_vendors_sale_refunded() -> Iterator[None]:
    """A refund is posted whoever's the sale is."""
    original = refunds.apply_refund

    def apply_refund(connection: sa.Connection, origin: Origin, body: RefundBody) -> Outcome:
        sale = connection.execute(refunds._SALE, {"op": refunds.sale_id(body)}).one_or_none()
        if sale is not None:
            vendor = msgspec.structs.replace(origin.counter.vendor, vendor_id=sale.vendor_id)
            origin = replace(origin, counter=replace(origin.counter, vendor=vendor))
        return original(connection, origin, body)

    handlers = {**ingest._HANDLERS, RefundBody: apply_refund}
    with _replaced(ingest, "_HANDLERS", handlers):
        yield


def earlier_refunds_forgotten() -> AbstractContextManager[None]:
    """Each refund takes back what all refunds of its sale come to."""
    original = refunds._sums

    def sums(connection: sa.Connection, statement: sa.Select[Any], sale: bytes) -> Counter[str]:
        found = original(connection, statement, sale)
        return Counter() if statement is refunds._BOOKED_BY_REFUNDS else found

    return _patch(refunds, "_sums", sums)


def waiting_refunds_forgotten() -> AbstractContextManager[None]:
    """A refund that overtook its sale is never posted."""
    return _patch(refunds, "post_waiting", lambda connection, origin: None)


def points_stay_with_the_merged() -> AbstractContextManager[None]:
    """What a lease or a refund gives back to one who was merged stays there."""
    return _patch(points, "_move_on", lambda connection, cause: None)


def merged_points_never_expire() -> AbstractContextManager[None]:
    """Points that move on lose the time at which they are over."""
    make = ledger.NewLot
    return _patch(points, "NewLot", lambda vests_at=None, expires_at=None, origin=None: make(vests_at, None, origin))


def debts_end_with_a_merge() -> AbstractContextManager[None]:
    """Who was merged goes on owing, which nobody ever repays."""
    return _patch(rules, "assume", lambda customer, into, owed: rules.late(owed))


def leases_end_with_a_merge() -> AbstractContextManager[None]:
    """A spend on a lease of one who was merged is not covered."""
    return _patch(leases, "_is_of", lambda connection, lease, customer_id: lease.customer_id == customer_id)


def tombstones_keep_their_points() -> AbstractContextManager[None]:
    """What is there of one who was erased, or comes back later, stays there."""
    return _patch(points, "forfeit", lambda connection, cause: None)


def tombstones_earn() -> AbstractContextManager[None]:
    """A receipt with a card that was erased earns."""
    original = sales._earned
    return _patch(
        sales,
        "_earned",
        lambda origin, body, policy, has_customer: original(origin, body, policy, has_customer=body.card is not None),
    )


MUTANTS: Final[dict[str, Mutant]] = {
    mutant.__name__: mutant
    for mutant in (
        refund_rounds_each_piece,
        clawback_ignores_pending,
        clawback_spares_the_own_lot,
        clawback_takes_refilled_lots_early,
        given_back_to_the_newest_lot,
        given_back_in_the_order_spent,
        late_points_given_back,
        late_points_rounded_by_themselves,
        expired_points_come_back_alive,
        returned_points_stay_alive,
        debt_paid_to_who_lets_earn,
        debt_never_repaid,
        newest_debt_first,
        hold_takes_what_expires_first,
        expiry_takes_what_is_held,
        points_never_expire,
        points_vest_at_once,
        threshold_itself_earns,
        rounded_to_the_nearest,
        clawed_from_the_total,
        wrong_sign,
        recovery_pays_nobody,
        lots_not_moved,
        wallet_not_moved,
        other_vendors_sale_refunded,
        earlier_refunds_forgotten,
        waiting_refunds_forgotten,
        points_stay_with_the_merged,
        merged_points_never_expire,
        debts_end_with_a_merge,
        leases_end_with_a_merge,
        tombstones_keep_their_points,
        tombstones_earn,
    )
}
"""Every mutant by name."""
