"""Commands about reward policies: the programme's own, what vendors propose, and what is decided on it.

Must never change a version of a policy: a change is a new one.
"""

import argparse
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import inspection, operators, policies, proposals, vendors
from urs_desktop.central.bootstrap import Central
from urs_desktop.central.commands.operators import add_sign_in, signed_in
from urs_desktop.central.commands.programme import DEFAULT_CURRENCY
from urs_desktop.central.commands.registry import Answer, Registry, date, decimal, percentage, table
from urs_desktop.central.policies import Limits, PolicyError, Terms, Version
from urs_desktop.central.proposals import Proposal
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import parse_amount, parse_percentage
from urs_desktop.domain.policy import category

_FIRST_POLICY_BACKDATED_MS: Final = 24 * 60 * 60 * 1000


def add_to(commands: Registry) -> None:
    """Add these commands and their options."""
    put = commands.add("policy set", "make a new version of a policy", _set)
    put.add_argument("--category", required=True, metavar="small|medium|large")
    put.add_argument("--vendor", metavar="ID", help="the vendor's own policy, within its category's limits")
    put.add_argument("--currency")
    _add_terms(put)
    limits = put.add_argument_group("limits of a category to what its vendors define for themselves")
    limits.add_argument("--max-threshold", metavar="T")
    limits.add_argument("--min-reward-percentage", metavar="R")
    limits.add_argument("--max-reward-percentage", metavar="R")
    limits.add_argument("--max-redeemable-percentage", metavar="P", help="otherwise the category's own percentage")
    commands.add("policy list", "list all versions", _list)
    propose = commands.add("policy propose", "propose a vendor's own policy and print the proposal's id", _propose)
    propose.add_argument("--vendor", required=True, metavar="ID")
    propose.add_argument("--category", metavar="small|medium|large", help="refused if it is not the vendor's")
    _add_terms(propose)
    propose.add_argument("--by", required=True, metavar="NAME", help="who proposes it; kept for ever")
    commands.add("policy proposals", "list what was proposed and what was decided", _proposals)
    approve = commands.add("policy approve", "put a proposal in force and print the policy's id", _approve)
    reject = commands.add("policy reject", "decide that nothing comes of a proposal", _reject)
    for decide in (approve, reject):
        decide.add_argument("proposal", metavar="PROPOSAL")
        add_sign_in(decide)


def _add_terms(to: argparse.ArgumentParser) -> None:
    to.add_argument("--threshold", required=True, metavar="T", help="a purchase earns if it exceeds this amount")
    to.add_argument("--reward-percentage", required=True, metavar="R")
    to.add_argument("--redeemable-percentage", required=True, metavar="P")
    to.add_argument("--from", dest="valid_from", type=date, metavar="DATE", help="its first day in UTC, otherwise now")
    to.add_argument("--until", dest="valid_until", type=date, metavar="DATE", help="the day on which it has ended")
    to.add_argument("--vests-after", default=0, type=int, metavar="DAYS", help="points can be spent after so many days")
    to.add_argument("--expires-after", default=0, type=int, metavar="DAYS", help="points expire so many days after")


def _set(central: Central, options: argparse.Namespace) -> Answer:
    now = central.clock.now()
    with central.database.write() as connection:
        code = _currency(connection, options)
        wanted = category(options.category)
        wide = policies.wide(policies.versions(connection), wanted, code)
        # A category's first policy holds from a day ago: a till whose clock is slow reckons with it at once.
        since = now if wide or options.vendor else now - _FIRST_POLICY_BACKDATED_MS
        terms = _terms(options, code, since, _limits(options, code))
        policy = policies.add_version(connection, wanted, options.vendor, code, terms, now, central.randomness)
    return Answer(policy.policy_id, {"policy_id": policy.policy_id, "version": policy.version})


def _list(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        names = {operator.operator_id: operator.name for operator in operators.every(connection)}
        rows = [_version_row(version, names) for version in policies.versions(connection)]
    return Answer(table(rows), rows)


def _propose(central: Central, options: argparse.Namespace) -> Answer:
    now = central.clock.now()
    with central.database.write() as connection:
        vendor = vendors.one(connection, options.vendor)
        if options.category is not None and category(options.category) is not vendor.category:
            raise PolicyError(f"The vendor is {vendor.category}: its own policy can be for no other category.")
        terms = _terms(options, vendor.currency, now)
        proposal_id = proposals.propose(connection, vendor.vendor_id, terms, options.by, now, central.randomness)
    return Answer(proposal_id, {"proposal_id": proposal_id})


def _proposals(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        rows = [_proposal_row(proposal) for proposal in proposals.every(connection)]
    return Answer(table(rows), rows)


def _approve(central: Central, options: argparse.Namespace) -> Answer:
    operator = signed_in(central, options)
    with central.database.write() as connection:
        now = central.clock.now()
        policy = proposals.approve(connection, options.proposal, operator, now, central.randomness)
    return Answer(policy.policy_id, {"policy_id": policy.policy_id, "version": policy.version})


def _reject(central: Central, options: argparse.Namespace) -> Answer:
    operator = signed_in(central, options)
    with central.database.write() as connection:
        proposals.reject(connection, options.proposal, operator, central.clock.now())
    document = {"proposal_id": options.proposal, "decision": proposals.REJECTED}
    return Answer("The proposal is rejected.", document)


def _currency(connection: sa.Connection, options: argparse.Namespace) -> str:
    """Return the currency of a new policy: the vendor's own, or the one named, or the programme's usual one."""
    named = options.currency and currency(options.currency.strip().upper()).code
    if options.vendor is None:
        return named or DEFAULT_CURRENCY
    own = vendors.one(connection, options.vendor).currency
    if named not in (None, own):
        raise PolicyError(f"The vendor's currency is {own}, so its policy cannot be in {named}.")
    return own


def _terms(options: argparse.Namespace, code: str, since: int, limits: Limits = policies.NO_LIMITS) -> Terms:
    return Terms(
        threshold=parse_amount(options.threshold, currency(code)).minor,
        reward_bp=parse_percentage(options.reward_percentage),
        redeemable_bp=parse_percentage(options.redeemable_percentage),
        valid_from=since if options.valid_from is None else options.valid_from,
        valid_until=options.valid_until,
        vests_after=options.vests_after,
        expires_after=options.expires_after,
        limits=limits,
    )


def _limits(options: argparse.Namespace, code: str) -> Limits:
    most = options.max_threshold
    return Limits(
        max_threshold=None if most is None else parse_amount(most, currency(code)).minor,
        min_reward_bp=_limit(options.min_reward_percentage),
        max_reward_bp=_limit(options.max_reward_percentage),
        max_redeemable_bp=_limit(options.max_redeemable_percentage),
    )


def _limit(text: str | None) -> int | None:
    return None if text is None else parse_percentage(text)


def _version_row(version: Version, names: dict[str, str]) -> dict[str, Any]:
    policy, limits = version.policy, version.limits
    return {
        "policy_id": policy.policy_id,
        "version": policy.version,
        "category": policy.category.value,
        "vendor_id": policy.vendor_id,
        "currency": policy.currency,
        "threshold": _amount(policy.threshold, policy.currency),
        "reward_percentage": percentage(policy.reward_bp),
        "redeemable_percentage": percentage(policy.redeemable_bp),
        "valid_from": inspection.time_text(policy.valid_from),
        "valid_until": inspection.time_text(policy.valid_until),
        "vests_after": policy.vests_after,
        "expires_after": policy.expires_after,
        "max_threshold": _amount(limits.max_threshold, policy.currency),
        "min_reward_percentage": _rate(limits.min_reward_bp),
        "max_reward_percentage": _rate(limits.max_reward_bp),
        "max_redeemable_percentage": _rate(limits.max_redeemable_bp),
        "approved_by": version.approved_by and names.get(version.approved_by, version.approved_by),
        "created_at": inspection.time_text(version.created_at),
        "digest": version.digest.hex(),
    }


def _proposal_row(proposal: Proposal) -> dict[str, Any]:
    terms, decision = proposal.terms, proposal.decision
    return {
        "proposal_id": proposal.proposal_id,
        "vendor_id": proposal.vendor_id,
        "category": proposal.category.value,
        "currency": proposal.currency,
        "threshold": _amount(terms.threshold, proposal.currency),
        "reward_percentage": percentage(terms.reward_bp),
        "redeemable_percentage": percentage(terms.redeemable_bp),
        "valid_from": inspection.time_text(terms.valid_from),
        "valid_until": inspection.time_text(terms.valid_until),
        "vests_after": terms.vests_after,
        "expires_after": terms.expires_after,
        "proposed_by": proposal.proposed_by,
        "proposed_at": inspection.time_text(proposal.proposed_at),
        "decision": decision.decision if decision else "open",
        "decided_by": decision.decided_by if decision else None,
        "decided_at": inspection.time_text(decision.decided_at) if decision else None,
        "policy_id": decision.policy_id if decision else None,
        "version": decision.version if decision else None,
    }


def _amount(minor: int | None, code: str) -> str | None:
    return None if minor is None else decimal(minor, currency(code).digits)


def _rate(basis_points: int | None) -> str | None:
    return None if basis_points is None else percentage(basis_points)
