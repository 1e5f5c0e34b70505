"""What every store of the counter promises of print jobs, and of the list of receipts.

Must never know which store it runs against.
"""

from dataclasses import replace

import pytest

from tests.builders import CARD, make_basket, make_line, make_policy
from tests.fakes.shop import NOON
from urs_desktop.counter.paper.document import NOTHING, Code, Document, Row, Rule
from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.print_ports import OVER, JobKind, JobState, ListedReceipt, PrintJob, Trouble
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.values import Customer

SHEET = Document((Row("Tea \U0001f375 \u5317\u4eac", "2.00", bold=True), Rule(), Code("1-000001")), mirrored=True)
FIRST = PrintJob("job-b", JobKind.RECEIPT, "1-000001", NOON, SHEET, kick=True)
SECOND = PrintJob("job-a", JobKind.COPY, "1-000001", NOON + 1, SHEET)
OTHER = PrintJob("job-c", JobKind.REPORT, "X", NOON + 2, SHEET)


@pytest.fixture
def _jobs(store: Store) -> None:
    """Three jobs, two of them about one receipt."""

    def fill(book: Book) -> None:
        for job in (FIRST, SECOND, OTHER):
            book.prints.put(job)

    store.write(fill)


def move(store: Store, job: PrintJob, *states: JobState, trouble: Trouble | None = None) -> list[bool]:
    before, moved = JobState.WAITING, []
    for after in states:
        moved.append(store.write(lambda book, b=before, a=after: book.prints.move(job.job_id, b, a, trouble)))  # type: ignore[misc]
        before = after
    return moved


@pytest.mark.usefixtures("_jobs")
class TestJobs:
    def test_a_job_comes_back_as_it_was_put(self, store: Store) -> None:
        assert store.read(lambda book: book.prints.get("job-b")) == FIRST
        assert store.read(lambda book: book.prints.get("job-z")) is None

    def test_they_are_sent_in_the_order_in_which_they_came(self, store: Store) -> None:
        assert store.read(lambda book: book.prints.next_waiting()) == FIRST
        assert store.read(lambda book: book.prints.count_waiting()) == 3
        move(store, FIRST, JobState.SENDING)
        assert store.read(lambda book: book.prints.next_waiting()) == SECOND
        assert store.read(lambda book: book.prints.count_waiting()) == 3
        move(store, SECOND, JobState.SENDING, JobState.PRINTED)
        assert store.read(lambda book: book.prints.count_waiting()) == 2

    def test_one_is_begun_by_one_alone(self, store: Store) -> None:
        assert move(store, FIRST, JobState.SENDING) == [True]
        assert move(store, FIRST, JobState.SENDING) == [False]
        assert move(store, replace(FIRST, job_id="job-z"), JobState.SENDING) == [False]

    def test_what_was_begun_and_not_ended_is_found(self, store: Store) -> None:
        assert not store.read(lambda book: book.prints.interrupted())
        move(store, SECOND, JobState.SENDING)
        assert store.read(lambda book: book.prints.interrupted()) == [replace(SECOND, state=JobState.SENDING)]

    def test_the_latest_that_failed_says_why(self, store: Store) -> None:
        assert store.read(lambda book: book.prints.latest_failed()) is None
        move(store, SECOND, JobState.SENDING, JobState.UNKNOWN, trouble=Trouble.GONE)
        move(store, FIRST, JobState.SENDING, JobState.KEPT, trouble=Trouble.REFUSED)
        failed = store.read(lambda book: book.prints.latest_failed())
        assert failed == replace(SECOND, state=JobState.UNKNOWN, trouble=Trouble.GONE, document=NOTHING)

    @pytest.mark.parametrize("end", sorted(OVER))
    def test_one_that_is_over_keeps_nobodys_name(self, store: Store, end: JobState) -> None:
        move(store, FIRST, JobState.SENDING)
        kept = store.read(lambda book: book.prints.get("job-b"))
        assert kept is not None
        assert kept.document == SHEET
        store.write(lambda book: book.prints.move("job-b", JobState.SENDING, end))
        assert store.read(lambda book: book.prints.get("job-b")) == replace(FIRST, state=end, document=NOTHING)

    def test_the_jobs_of_one_receipt_in_their_order(self, store: Store) -> None:
        assert store.read(lambda book: book.prints.of_subject("1-000001")) == [FIRST, SECOND]
        assert not store.read(lambda book: book.prints.of_subject("1-000002"))

    def test_an_id_is_used_once(self, store: Store) -> None:
        with pytest.raises(Exception, match=r"(?i)unique|already"):
            store.write(lambda book: book.prints.put(replace(OTHER, job_id="job-a")))

    def test_old_ones_go_but_none_that_is_still_to_be_sent(self, store: Store) -> None:
        move(store, SECOND, JobState.SENDING, JobState.PRINTED)
        assert store.write(lambda book: book.prints.prune(NOON + 1)) == 0
        assert store.write(lambda book: book.prints.prune(NOON + 10)) == 1
        assert store.read(lambda book: book.prints.get("job-a")) is None
        assert store.read(lambda book: book.prints.next_waiting()) == FIRST

    def test_a_reader_cannot_write(self, store: Store) -> None:
        with pytest.raises(Exception, match=r"(?i)readonly|read-only|reading"):
            store.read(lambda book: book.prints.move("job-a", JobState.WAITING, JobState.SENDING))


class TestReceipts:
    @pytest.fixture(autouse=True)
    def _three_sales(self, store: Store, recorder: Recorder) -> None:
        """Receipts 1, 2 and 3; the second is Maria's."""

        def fill(book: Book) -> None:
            book.policies.put(make_policy())
            book.customers.put(Customer(CARD, "Maria Lindqvist", "+46701234567"))

        store.write(fill)
        ring_up = RingUp(store, recorder)
        for card, price in ((None, "1.00"), (CARD, "20.00"), (None, "3.00")):
            ring_up.complete(SaleOrder(make_basket(make_line(price)), card=card))

    def found(self, store: Store, text: str = "", receipt: int | None = None, limit: int = 9) -> list[int]:
        listed = store.read(lambda book: book.prints.receipts(text, receipt, limit))
        return [each.receipt for each in listed]

    def test_the_newest_come_first(self, store: Store) -> None:
        assert self.found(store) == [3, 2, 1]
        assert self.found(store, limit=2) == [3, 2]

    def test_one_says_what_a_list_shows(self, store: Store) -> None:
        [found] = store.read(lambda book: book.prints.receipts("Maria", None, 9))
        assert found == ListedReceipt(2, False, found.happened_at, 2000, CARD, "Maria Lindqvist")

    @pytest.mark.parametrize("text", ["lindq", "MARIA", "+4670", CARD])
    def test_they_are_found_by_what_is_known_of_the_customer(self, store: Store, text: str) -> None:
        assert self.found(store, text) == [2]

    def test_and_by_number(self, store: Store) -> None:
        assert self.found(store, "000003", 3) == [3]
        assert self.found(store, "nobody") == []

    @pytest.mark.parametrize("text", ["%", "_", "Mar%a", "\\"])
    def test_a_character_stands_for_itself(self, store: Store, text: str) -> None:
        assert self.found(store, text) == []
