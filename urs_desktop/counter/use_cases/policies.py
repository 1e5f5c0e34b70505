"""Reward policies as the counter meets them: in messages of the central store, and cited by signed sales.

Must never stand in for a version that is not there: a sale is refunded with the policy it was reckoned with, or not.
"""

from urs_desktop.counter.ports import Book
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import FeedPolicy
from urs_desktop.protocol.operations import SalePolicy


def policy_of(item: FeedPolicy) -> RewardPolicy:
    """Return the policy a message describes; raises ValueError for a category this program does not know."""
    fields = {name: getattr(item, name) for name in FeedPolicy.__struct_fields__}
    return RewardPolicy(**{**fields, "category": Category(item.category)})


def policy_cited(book: Book, cited: SalePolicy | None, told: FeedPolicy | None = None) -> RewardPolicy | None:
    """Return the policy a receipt names, of the book or as `told` with it; None for a receipt that names none.

    Raises Refusal(POLICY_UNKNOWN) when nothing has that version with that hash.
    """
    if cited is None:
        return None
    for policy in book.policies.all():
        if _is(policy, cited):
            return policy
    if told is not None:
        try:
            policy = policy_of(told)
        except ValueError:
            raise Refusal(RefusalCode.POLICY_UNKNOWN) from None
        if _is(policy, cited):
            return policy
    raise Refusal(RefusalCode.POLICY_UNKNOWN)


def _is(policy: RewardPolicy, cited: SalePolicy) -> bool:
    named = (policy.policy_id, policy.version) == (cited.policy_id, cited.version)
    return named and policy.digest().hex() == cited.hash
