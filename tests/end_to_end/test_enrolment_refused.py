"""Enrolment and connection to the wrong central store, or with the wrong code: one clear sentence, nothing changed."""

import pytest

from tests.end_to_end import books
from tests.end_to_end.processes import CENTRAL, Done
from tests.end_to_end.shop import CentralStore, Shop

NOT_TRUSTED = "is not the central store"


def enrolled(shop: Shop, code: str, *, name: str = "late", url: str | None = None) -> Done:
    """Try to enrol a counter."""
    return shop.counter(name).try_to("enrol", "--central", url or shop.central.url, "--code", code)


def counters(shop: Shop) -> int:
    """Return how many counters the central store knows."""
    with books.opened(shop.central.database) as database:
        return len(books.rows(database, "SELECT 1 FROM counters"))


def is_untouched(shop: Shop, before: int, name: str = "late") -> None:
    """Check that neither end has a new counter."""
    assert counters(shop) == before
    assert not shop.counter(name).ask("status")["enrolled"]


def other_store(shop: Shop) -> CentralStore:
    """Return another central store, with an authority of its own, at the same address."""
    return CentralStore(shop.folder / "other", shop.central.port, shop.processes)


def test_a_spent_code(shop: Shop) -> None:
    code = shop.code()
    enrolled(shop, code, name="early").expect()
    before = counters(shop)
    assert "used already" in enrolled(shop, code).refusal()
    is_untouched(shop, before)


def test_an_expired_code_is_refused_and_a_fresh_one_then_taken(shop: Shop) -> None:
    code, before = shop.code(), counters(shop)
    books.altered(
        shop.central.database, "UPDATE enrolment_codes SET expires_at = created_at + 1 WHERE spent_at IS NULL"
    )
    assert "too old" in enrolled(shop, code).refusal()
    is_untouched(shop, before)
    enrolled(shop, shop.code()).expect()


def test_a_code_nobody_issued(shop: Shop) -> None:
    code, before = shop.code(), counters(shop)
    books.altered(shop.central.database, "DELETE FROM enrolment_codes WHERE spent_at IS NULL")
    assert "does not know this enrolment code" in enrolled(shop, code).refusal()
    is_untouched(shop, before)


def test_malformed_codes(shop: Shop) -> None:
    code, before = shop.code(), counters(shop)
    one_letter = code[:7] + ("0" if code[7] != "0" else "1") + code[8:]
    for damaged in ("", "abc", one_letter, code[:-3], "é" * 53, "0" * 500):
        assert "not an enrolment code" in enrolled(shop, damaged).refusal()
    is_untouched(shop, before)


def test_a_code_as_people_copy_it(shop: Shop) -> None:
    enrolled(shop, f"  {shop.code().lower().replace('-', ' ').replace('0', 'o')} ").expect()


def test_a_code_of_another_store(closed_shop: Shop) -> None:
    code, before = closed_shop.code(), counters(closed_shop)
    other_store(closed_shop).serve()
    sentence = enrolled(closed_shop, code).refusal()
    assert "is not the central store that issued this code" in sentence
    assert "nothing was sent" in sentence
    is_untouched(closed_shop, before)


def test_another_store_at_the_same_address(closed_shop: Shop) -> None:
    """An enrolled counter tells it nothing, and goes on with its own store afterwards."""
    counter, other = closed_shop.counter("medium"), other_store(closed_shop)
    closed_shop.processes.run("pay", counter.folder, counter.passphrase, "C-1", "30.00", "0").expect()
    # Its settings say since when it serves.
    contents, theirs = books.contents(counter), books.central_contents(other, "settings")
    other.serve()
    sentence = counter.try_to("sync", "--once").refusal()
    assert NOT_TRUSTED in sentence
    assert not counter.ask("status")["online"]
    other.stop()
    assert books.contents(counter) == contents
    assert books.central_contents(other, "settings") == theirs
    closed_shop.central.serve()
    assert counter.ask("sync", "--once")["waiting"] == 0


def test_a_host_the_certificate_does_not_name(closed_shop: Shop) -> None:
    """The machine answers at more addresses than its certificate is for."""
    closed_shop.central.serve("--host", "0.0.0.0")
    before, code = counters(closed_shop), closed_shop.code()
    sentence = enrolled(closed_shop, code, url=f"https://127.0.0.2:{closed_shop.central.port}").refusal()
    assert NOT_TRUSTED in sentence
    assert "another host" in sentence
    is_untouched(closed_shop, before)
    enrolled(closed_shop, code, url=f"https://127.0.0.1:{closed_shop.central.port}").expect()


def test_wrong_addresses(shop: Shop) -> None:
    before, code, port = counters(shop), shop.code(), shop.central.port
    addresses = {
        f"http://127.0.0.1:{port}": "must begin with https",
        f"127.0.0.1:{port}": "must begin with https",
        "https://": "must begin with https",
        "https://127.0.0.1:99999": "must begin with https",
        "https://127.0.0.1:1": "does not answer",
        "https://nobody.invalid": "does not answer",
        f"https://127.0.0.1:{port}/elsewhere": "not_found",
    }
    for url, said in addresses.items():
        assert said in enrolled(shop, code, url=url).refusal()
    is_untouched(shop, before)
    enrolled(shop, code).expect()


def test_enrolling_twice(shop: Shop) -> None:
    counter, before, code = shop.counter("medium"), counters(shop), shop.code()
    contents = books.contents(counter)
    assert "enrolled already" in enrolled(shop, code, name="medium").refusal()
    assert books.contents(counter) == contents
    assert counters(shop) == before
    enrolled(shop, code).expect()


@pytest.mark.parametrize(
    "command",
    [("replay", "journal.csv", "--report", "out.json"), ("sync", "--once"), ("verify",), ("import-products", "p.csv")],
)
def test_commands_before_enrolment(closed_shop: Shop, command: tuple[str, ...]) -> None:
    closed_shop.file("journal.csv", "")
    assert "not enrolled" in closed_shop.counter("late").try_to(*command).refusal()


def test_a_second_store_on_the_folder_or_the_port(shop: Shop) -> None:
    again = shop.central.try_to("serve", "--port", "0")
    assert "already being served" in again.refusal()
    assert "Nothing can be served" in other_store(shop).try_to("serve", "--port", str(shop.central.port)).refusal()
    assert shop.counter("medium").ask("status")["online"]


def test_a_vendor_nobody_knows(closed_shop: Shop) -> None:
    before = books.central_contents(closed_shop.central)
    assert "no vendor" in closed_shop.central.try_to("counter", "code", "--vendor", "nobody").refusal()
    assert books.central_contents(closed_shop.central) == before


def test_a_folder_without_a_store(closed_shop: Shop) -> None:
    empty = closed_shop.folder / "empty"
    for command in (("vendor", "list"), ("serve", "--port", "0"), ("verify",)):
        assert "init first" in closed_shop.processes.run(CENTRAL, "--data-dir", empty, *command).refusal()
