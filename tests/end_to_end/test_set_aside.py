"""What the central store sets aside, on the command line: listed in words, repaired, written off, retried.

Must never look at anything but what the programs print and the two ends' own proofs.
"""

from tests.end_to_end.shop import Counter, Shop
from tests.end_to_end.test_refunds import proven, sell
from urs_desktop.protocol.operations import EnrolBody
from urs_desktop.wiring import open_counter

REASON = "its card code is none."


def enrolled_wrongly(counter: Counter, times: int) -> None:
    """Leave enrolments of a card no store takes in a counter's outbox, as a till with a bug would."""
    opened = open_counter(counter.folder, counter.passphrase)
    try:
        for _ in range(times):
            stamp = opened.store.write(opened.recorder.stamp)
            body = EnrolBody(hlc=stamp.hlc, recorded_at=stamp.now, card="\n", customer_id="")
            opened.store.write(lambda book, body=body: opened.recorder.append(book, body))  # type: ignore[misc]
    finally:
        opened.store.close()


def test_set_aside_and_resolved(shop: Shop) -> None:
    counter = shop.counter("medium")
    enrolled_wrongly(counter, 3)
    sell(shop, counter, "A1")
    counter.ask("sync", "--once")
    status = counter.ask("status")
    assert (status["parked"], status["receipts"], status["acknowledged"], status["missing"]) == (3, 1, 1, [])
    assert {each["reason"] for each in status["parked_operations"]} == {REASON}
    said = counter.try_to("status").expect().out
    assert f"Operation 1 (enrol) was set aside: {REASON}" in said
    assert "The 1 receipt acknowledged." in said
    listed = counter.ask("parked", "list")["parked"]
    assert [(each["seq"], each["kind"], each["repairable"], each["receipt"]) for each in listed] == [
        (seq, "enrol", True, None) for seq in (1, 2, 3)
    ]
    assert len(shop.central.ask("parked", "list")) == 3

    again = counter.ask("parked", "retry", "1")
    assert again == {"seq": 1, "action": "retry", "sent": True, "parked": True}
    assert counter.ask("parked", "repair", "1", "--card", "C-77")["parked"] is False
    assert shop.central.ask("customer", "show", "C-77")["code"] == "C-77"

    same = ("parked", "write-off", "2", "--by", "ann", "--reason", "a slip", "--operator", "Ann")
    assert counter.try_to(*same).refusal()
    done = counter.try_to("parked", "write-off", "2", "--by", "Boss", "--reason", "a slip", "--operator", "Ann")
    assert done.expect().out == "Operation 2 is written off.\n"
    assert counter.try_to("parked", "retry", "2").refusal()

    shop.central.stop()
    later = counter.ask("parked", "write-off", "3", "--by", "Boss", "--reason", "a slip", "--operator", "Ann")
    assert (later["sent"], later["parked"]) == (False, True)
    shop.central.serve()
    proven(shop, counter)
    assert counter.ask("parked", "list") == {"parked": []}
    assert shop.central.ask("parked", "list") == []
    row = {each["number"]: each for each in shop.central.ask("counter", "list") if each["receipts_told"]}
    assert [(each["receipts_told"], each["receipts_received"], each["missing"]) for each in row.values()] == [
        (1, 1, [])
    ]


def test_wrong_usage(shop: Shop) -> None:
    counter = shop.counter("medium")
    for words in (
        "parked",
        "parked retry",
        "parked retry x",
        "parked write-off 1 --by a",
        "parked repair 1",
        "parked burn 1",
    ):
        assert counter.try_to("parked", *words.split()).status == 2, words
