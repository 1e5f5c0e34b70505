"""Everything that goes over one link: operations, the feed, points kept ready, and the records of persons.

A record follows its enrolment once that was acknowledged. Must never let a record that is refused hold up another.
"""

import logging
from collections.abc import Callable

from urs_desktop.counter.sync.link import CentralLink
from urs_desktop.counter.use_cases.enrolling import ABOUT_RECORDS
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import endpoints
from urs_desktop.protocol.people import PersonReply

_log = logging.getLogger(__name__)


def _never() -> bool:
    return False


def send_people(link: CentralLink, give_way: Callable[[], bool] = _never) -> None:
    """Hand over the records of persons whose enrolment was acknowledged; one that is refused is noted.

    Ends early if `give_way` says so. Raises CentralUnavailableError, and Refusal where it is about the counter.
    """
    records = link.records
    while records is not None and not give_way():
        record = records.next_record()
        if record is None:
            return
        try:
            reply = link.ask(endpoints.PERSON, record, PersonReply)
        except Refusal as refusal:
            if refusal.code not in ABOUT_RECORDS:
                raise
            _log.warning("the record of a person is not taken: %s", refusal.code)
            records.refused(record, refusal)
        else:
            records.taken(record, reply)


def drain(link: CentralLink) -> int:
    """Push everything that waits, read the feed to its end and look after the customers' lines.

    Returns the operations acknowledged. Raises as push_all. A counter that finds its history in doubt only at the feed
    goes back to the push once, which lets it rejoin.
    """
    acknowledged = link.push_all()
    try:
        _read_to_the_end(link)
    except Refusal as refusal:
        if refusal.code is not RefusalCode.COUNTER_FENCED:
            raise
        acknowledged += link.push_all()
        _read_to_the_end(link)
    link.keep_lines()
    acknowledged += link.push_all()
    send_people(link)
    return acknowledged


def _read_to_the_end(link: CentralLink) -> None:
    while link.read_feed(wait=0):
        pass
