"""What every store of the counter promises of its epochs: each chain is kept, the current one is what is sent."""

from collections.abc import Callable, Sequence

import pytest

from tests.builders import COUNTER_KEY
from tests.contract.counter.conftest import IDENTITY
from tests.contract.counter.test_store import note
from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.values import CounterState, Epoch, Link, SkippedReceipts
from urs_desktop.protocol.chain import genesis, seal
from urs_desktop.protocol.operations import Operation

SECOND = Epoch(2, b"2" * 32, 4, 1000)


def signed_anew(made: Sequence[Operation], epoch: Epoch) -> list[Link]:
    """Return the links of these operations in another epoch."""
    head, links = genesis(IDENTITY.device_id, epoch.epoch, epoch.nonce), []
    for each in made:
        draft = Operation(each.seq, each.op_id, each.kind, each.schema, each.body, head)
        sealed = seal(COUNTER_KEY, IDENTITY.device_id, epoch.epoch, draft)
        links.append(Link(sealed.seq, sealed.prev, sealed.hash, sealed.sig))
        head = sealed.hash
    return links


def begin(epoch: Epoch) -> Callable[[Book], list[Link]]:
    """Return work that begins an epoch with everything there is."""

    def work(book: Book) -> list[Link]:
        links = signed_anew(book.operations.all(), epoch)
        book.epochs.begin(epoch, links)
        return links

    return work


def three(store: Store, recorder: Recorder) -> list[Operation]:
    for _ in range(3):
        store.write(note(recorder))
    return list(store.read(lambda book: book.operations.all()))


def test_a_counter_begins_with_the_epoch_it_was_enrolled_in(store: Store) -> None:
    assert list(store.read(lambda book: book.epochs.all())) == [Epoch(IDENTITY.epoch, IDENTITY.nonce, 1, 0)]
    store.write(lambda book: book.settings.put_identity(IDENTITY))
    assert len(store.read(lambda book: book.epochs.all())) == 1


def test_a_new_epoch_shows_all_with_its_own_links_and_nothing_acknowledged(store: Store, recorder: Recorder) -> None:
    made = three(store, recorder)
    store.write(lambda book: book.operations.acknowledge(2, ()))
    store.write(lambda book: book.operations.fence())
    links = store.write(begin(SECOND))
    head = store.read(lambda book: book.operations.head())
    assert (head.seq, head.head, head.acknowledged, head.state) == (3, links[-1].hash, 0, CounterState.OPEN)
    identity = store.read(lambda book: book.settings.identity())
    assert identity is not None
    assert (identity.epoch, identity.nonce) == (2, SECOND.nonce)
    for shown in (
        store.read(lambda book: book.operations.all()),
        store.read(lambda book: book.operations.waiting(9, 10**6)),
        store.read(lambda book: [book.operations.at(seq) for seq in (1, 2, 3)]),
    ):
        found = [each for each in shown if each is not None]
        assert [Link(each.seq, each.prev, each.hash, each.sig) for each in found] == links
        assert [(each.op_id, each.body) for each in found] == [(each.op_id, each.body) for each in made]


def test_every_chain_stays_what_it_was(store: Store, recorder: Recorder) -> None:
    first = three(store, recorder)
    store.write(begin(SECOND))
    store.write(note(recorder))
    second = list(store.read(lambda book: book.operations.all()))
    store.write(begin(Epoch(7, b"7" * 32, 5, 2000)))
    third = list(store.read(lambda book: book.operations.all()))
    for epoch, expected in ((1, first), (2, second), (7, third)):
        assert list(store.read(lambda book, epoch=epoch: book.epochs.chain(epoch, 0, 99))) == expected  # type: ignore[misc]
    assert [each.seq for each in store.read(lambda book: book.epochs.chain(1, 1, 99))] == [2, 3]
    assert [each.seq for each in store.read(lambda book: book.epochs.chain(7, 1, 2))] == [2, 3]
    assert second[3].prev == second[2].hash != first[2].hash


def test_what_comes_after_follows_in_the_new_epoch(store: Store, recorder: Recorder) -> None:
    three(store, recorder)

    def work(book: Book) -> None:
        begin(SECOND)(book)
        note(recorder)(book)

    store.write(work)
    newest = store.read(lambda book: book.operations.at(4))
    before = store.read(lambda book: book.operations.at(3))
    assert newest is not None
    assert before is not None
    assert newest.prev == before.hash


def test_an_epoch_before_anything_was_made_begins_at_its_nonce(store: Store) -> None:
    epoch = Epoch(2, b"2" * 32, 1, 0)
    store.write(lambda book: book.epochs.begin(epoch, []))
    assert store.read(lambda book: book.operations.head()).head == genesis(IDENTITY.device_id, 2, epoch.nonce)


@pytest.mark.parametrize("wrong", ["the same epoch", "an earlier one", "too few links", "another beginning"])
def test_what_does_not_follow_is_an_error_and_changes_nothing(store: Store, recorder: Recorder, wrong: str) -> None:
    made = three(store, recorder)
    before = store.read(lambda book: (book.operations.head(), book.epochs.all()))
    number = {"the same epoch": 1, "an earlier one": 0}.get(wrong, 2)
    epoch = Epoch(number, b"2" * 32, 3 if wrong == "another beginning" else 4, 0)
    links = signed_anew(made[:2] if wrong == "too few links" else made, epoch)
    with pytest.raises(ValueError, match="follow"):
        store.write(lambda book: book.epochs.begin(epoch, links))
    assert store.read(lambda book: (book.operations.head(), book.epochs.all())) == before


def test_receipt_numbers_go_on_above_what_was_skipped(store: Store, recorder: Recorder) -> None:
    store.write(note(recorder))
    for receipt in (12, 12, 5, 14):
        store.write(lambda book, receipt=receipt: book.epochs.skip_receipts(receipt))  # type: ignore[misc]
    assert store.read(lambda book: book.operations.head()).receipt == 14
    assert list(store.read(lambda book: book.epochs.skipped())) == [SkippedReceipts(1, 12), SkippedReceipts(1, 14)]
