"""What vendors want as their own policy, and what the programme's operators decide on it.

A proposal is only a wish: no counter hears of it, and what it asks for is held against the category's limits again at
the moment it is approved. Must never be decided twice.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import policies, records, vendors
from urs_desktop.central.operators import Operator
from urs_desktop.central.policies import PolicyError, Terms
from urs_desktop.central.schema import operators, policy_decisions, policy_proposals
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import MAX_TEXT, clean_text
from urs_desktop.system.ids import Randomness, uuid7

APPROVED: Final = "approved"
REJECTED: Final = "rejected"

_ALL = (
    sa.select(policy_proposals, policy_decisions, operators.c.name.label("operator"))
    .select_from(
        policy_proposals.outerjoin(
            policy_decisions, policy_decisions.c.proposal_id == policy_proposals.c.proposal_id
        ).outerjoin(operators, operators.c.operator_id == policy_decisions.c.decided_by)
    )
    .order_by(policy_proposals.c.proposed_at, policy_proposals.c.proposal_id)
)
_ONE = _ALL.where(policy_proposals.c.proposal_id == sa.bindparam("proposal"))


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by whom (a name) and when (milliseconds), and the version that came of it."""

    decision: str
    decided_by: str
    decided_at: int
    policy_id: str | None
    version: int | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a vendor asks for; `decision` is None while it is open."""

    proposal_id: str
    category: Category
    vendor_id: str
    currency: str
    terms: Terms
    proposed_by: str
    proposed_at: int
    decision: Decision | None


def propose(
    connection: sa.Connection, vendor_id: str, terms: Terms, proposed_by: str, now: int, randomness: Randomness
) -> str:
    """Store what a vendor wants as its own policy and return the proposal's id.

    Raises Refusal(VENDOR_UNKNOWN or TEXT_MALFORMED), PolicyError for what could not be approved now.
    """
    name = clean_text(proposed_by)
    if not name:
        raise Refusal(RefusalCode.TEXT_MALFORMED, text="''", maximum=MAX_TEXT)
    vendor = vendors.one(connection, vendor_id)
    policies.check(connection, vendor.category, vendor_id, vendor.currency, begun(terms, now), now)
    proposal_id = str(uuid7(now, randomness))
    row = {
        "proposal_id": proposal_id,
        "category": vendor.category.value,
        "vendor_id": vendor_id,
        "currency": vendor.currency,
        "threshold": terms.threshold,
        "reward_percentage": terms.reward_bp,
        "redeemable_percentage": terms.redeemable_bp,
        "valid_from": terms.valid_from,
        "valid_until": terms.valid_until,
        "vests_after": terms.vests_after,
        "expires_after": terms.expires_after,
        "proposed_by": name,
        "proposed_at": now,
    }
    records.write(connection, policy_proposals, [row])
    return proposal_id


def approve(
    connection: sa.Connection, proposal_id: str, operator: Operator, now: int, randomness: Randomness
) -> RewardPolicy:
    """Make a version of what was proposed, publish it and return it; a beginning that is over is now.

    Raises PolicyError for a proposal that is unknown, decided or outside the limits of this moment.
    """
    proposal = _open(connection, proposal_id)
    terms = begun(proposal.terms, now)
    policy = policies.add_version(
        connection,
        proposal.category,
        proposal.vendor_id,
        proposal.currency,
        terms,
        now,
        randomness,
        approved_by=operator.operator_id,
    )
    _decide(connection, proposal_id, APPROVED, operator, now, policy)
    return policy


def reject(connection: sa.Connection, proposal_id: str, operator: Operator, now: int) -> None:
    """Decide that nothing comes of a proposal; raises PolicyError for one that is unknown or decided."""
    _open(connection, proposal_id)
    _decide(connection, proposal_id, REJECTED, operator, now, None)


def every(connection: sa.Connection) -> list[Proposal]:
    """Return all proposals in the order in which they were made."""
    return [_proposal(row) for row in connection.execute(_ALL)]


def begun(terms: Terms, now: int) -> Terms:
    """Return terms that begin no earlier than `now`; raises PolicyError if they end before they would begin."""
    if terms.valid_until is not None and terms.valid_until <= now:
        raise PolicyError("What is proposed is over already.")
    return replace(terms, valid_from=max(now, terms.valid_from))


def _open(connection: sa.Connection, proposal_id: str) -> Proposal:
    """Return a proposal nobody decided, under the lock by which nobody else can."""
    found = _one(connection, proposal_id)
    policies.lock(connection, found.vendor_id)
    found = _one(connection, proposal_id)
    if found.decision is not None:
        raise PolicyError(f"This proposal was {found.decision.decision} before.")
    return found


def _one(connection: sa.Connection, proposal_id: str) -> Proposal:
    row = connection.execute(_ONE, {"proposal": proposal_id}).one_or_none()
    if row is None:
        raise PolicyError(f"There is no proposal {proposal_id}.")
    return _proposal(row)


def _decide(
    connection: sa.Connection,
    proposal_id: str,
    decision: str,
    operator: Operator,
    now: int,
    policy: RewardPolicy | None,
) -> None:
    row = {
        "proposal_id": proposal_id,
        "decision": decision,
        "decided_by": operator.operator_id,
        "decided_at": now,
        "policy_id": policy.policy_id if policy else None,
        "policy_version": policy.version if policy else None,
    }
    records.write(connection, policy_decisions, [row])


def _proposal(row: sa.Row[*tuple[Any, ...]]) -> Proposal:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    proposed, decided = policy_proposals.c, policy_decisions.c
    terms = Terms(
        threshold=values[proposed.threshold],
        reward_bp=values[proposed.reward_percentage],
        redeemable_bp=values[proposed.redeemable_percentage],
        valid_from=values[proposed.valid_from],
        valid_until=values[proposed.valid_until],
        vests_after=values[proposed.vests_after],
        expires_after=values[proposed.expires_after],
    )
    decision = Decision(
        decision=values[decided.decision] or "",
        decided_by=values["operator"] or "",
        decided_at=values[decided.decided_at] or 0,
        policy_id=values[decided.policy_id],
        version=values[decided.policy_version],
    )
    return Proposal(
        proposal_id=values[proposed.proposal_id],
        category=Category(values[proposed.category]),
        vendor_id=values[proposed.vendor_id],
        currency=values[proposed.currency],
        terms=terms,
        proposed_by=values[proposed.proposed_by],
        proposed_at=values[proposed.proposed_at],
        decision=decision if values[decided.proposal_id] is not None else None,
    )
