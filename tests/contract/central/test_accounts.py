"""Enrolment happens once for a code, a hello proves the counter, a session opens what belongs to it alone."""

import pytest

from tests.contract.central.shop import Shop
from tests.contract.central.till import CENTRAL_KEY, NOW, CountedRandomness, forged
from urs_desktop.central import accounts
from urs_desktop.central.accounts import SessionOverError
from urs_desktop.central.schema import challenges, counters, enrolment_codes, sessions
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import chain
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.messages import EnrolReply, EnrolRequest
from urs_desktop.protocol.signatures import SigningKey

KEY = SigningKey(b"\x21" * 32)
SECRET = b"0123456789"


def enrol(shop: Shop, *, secret: bytes = SECRET, key: bytes = KEY.public_key, now: int = NOW) -> EnrolReply:
    request = EnrolRequest(secret=secret, public_key=key, name="Till")
    with shop.database.write() as connection:
        return accounts.enrol(connection, request, now, CountedRandomness(77), CENTRAL_KEY.public_key)


@pytest.fixture
def code(shop: Shop) -> Shop:
    with shop.database.write() as connection:
        accounts.add_code(connection, shop.vendor_id, SECRET, NOW)
    return shop


def test_enrolment_gives_an_identity(code: Shop) -> None:
    reply = enrol(code)
    assert (reply.epoch, reply.number, reply.central_key) == (1, 2, CENTRAL_KEY.public_key)
    assert reply.vendor.vendor_id == code.vendor_id
    stored = next(row for row in code.rows(counters) if row["device_id"] == reply.device_id)
    assert stored["head"] == chain.genesis(reply.device_id, 1, reply.nonce)
    assert stored["last_seq"] == 0


def test_a_lost_reply_can_be_asked_for_again(code: Shop) -> None:
    assert enrol(code) == enrol(code, now=NOW + 1000)
    assert len(code.rows(counters)) == 2


def test_a_spent_code_enrols_nobody_else(code: Shop) -> None:
    enrol(code)
    with pytest.raises(Refusal) as refusal:
        enrol(code, key=SigningKey(b"\x22" * 32).public_key)
    assert refusal.value.code is RefusalCode.ENROLMENT_CODE_SPENT
    assert len(code.rows(counters)) == 2


def test_an_unknown_code_is_refused(code: Shop) -> None:
    with pytest.raises(Refusal) as refusal:
        enrol(code, secret=b"9876543210")
    assert refusal.value.code is RefusalCode.ENROLMENT_CODE_UNKNOWN


@pytest.mark.parametrize("spent", [False, True])
def test_a_code_ends_with_its_life(code: Shop, spent: bool) -> None:
    if spent:
        enrol(code, now=NOW + accounts.CODE_LIFE_MS - 1)
    with pytest.raises(Refusal) as refusal:
        enrol(code, now=NOW + accounts.CODE_LIFE_MS)
    assert refusal.value.code is RefusalCode.ENROLMENT_CODE_EXPIRED


def test_a_public_key_of_another_length_is_malformed(code: Shop) -> None:
    with pytest.raises(MalformedError):
        enrol(code, key=b"short")


def test_no_secret_is_stored_in_clear(code: Shop) -> None:
    enrol(code)
    with code.database.write() as connection:
        token = code.till.hello(connection).token
    assert SECRET not in [row["secret_hash"] for row in code.rows(enrolment_codes)]
    assert token.encode() not in [row["token_hash"] for row in code.rows(sessions)]


def test_a_code_needs_a_vendor(shop: Shop) -> None:
    with shop.database.write() as connection, pytest.raises(Refusal) as refusal:
        accounts.add_code(connection, "nobody", SECRET, NOW)
    assert refusal.value.code is RefusalCode.VENDOR_UNKNOWN


def test_numbers_count_within_a_vendor(shop: Shop) -> None:
    other = shop.another_vendor()
    assert shop.another_till().identity.number == 2
    assert shop.another_till(other).identity.number == 1


def test_hello_opens_a_session_for_its_life(shop: Shop) -> None:
    with shop.database.write() as connection:
        reply = shop.till.hello(connection)
        assert (reply.verdict, reply.seq, reply.expires_at) == ("hi", 0, NOW + accounts.SESSION_LIFE_MS)
        accounts.check_session(connection, shop.till.device_id, reply.token, reply.expires_at - 1)
        with pytest.raises(SessionOverError):
            accounts.check_session(connection, shop.till.device_id, reply.token, reply.expires_at)


def test_a_session_is_one_counters_alone(shop: Shop) -> None:
    other = shop.another_till()
    with shop.database.write() as connection:
        token = shop.till.hello(connection).token
        with pytest.raises(SessionOverError):
            accounts.check_session(connection, other.device_id, token, NOW)
        with pytest.raises(SessionOverError):
            accounts.check_session(connection, shop.till.device_id, token[:-1], NOW)


@pytest.mark.parametrize(("column", "value"), [("epoch", 2), ("state", "revoked")])
def test_a_session_ends_with_its_epoch_and_with_revocation(shop: Shop, column: str, value: object) -> None:
    with shop.database.write() as connection:
        token = shop.till.hello(connection).token
        connection.execute(counters.update().values({column: value}))
        with pytest.raises(SessionOverError):
            accounts.check_session(connection, shop.till.device_id, token, NOW)


def test_a_hello_is_worth_nothing_twice(shop: Shop) -> None:
    till = shop.till
    with shop.database.write() as connection:
        given = accounts.challenge(connection, till.device_id, NOW, till.randomness)
        greeting = till.greeting(given.challenge)
        accounts.hello(connection, till.device_id, greeting, NOW, till.randomness)
        with pytest.raises(SessionOverError):
            accounts.hello(connection, till.device_id, greeting, NOW, till.randomness)


def test_a_challenge_is_one_counters_and_ends(shop: Shop) -> None:
    till, other = shop.till, shop.another_till()
    with shop.database.write() as connection:
        foreign = accounts.challenge(connection, other.device_id, NOW, till.randomness)
        with pytest.raises(SessionOverError):
            accounts.hello(connection, till.device_id, till.greeting(foreign.challenge), NOW, till.randomness)
        own = accounts.challenge(connection, till.device_id, NOW, till.randomness)
        late = NOW + accounts.CHALLENGE_LIFE_MS
        with pytest.raises(SessionOverError):
            accounts.hello(connection, till.device_id, till.greeting(own.challenge), late, till.randomness)


def test_a_hello_signed_by_another_key_opens_nothing(shop: Shop) -> None:
    till, other = shop.till, shop.another_till()
    with shop.database.write() as connection:
        given = accounts.challenge(connection, till.device_id, NOW, till.randomness)
        till.key = other.key
        with pytest.raises(SessionOverError):
            accounts.hello(connection, till.device_id, till.greeting(given.challenge), NOW, till.randomness)
    assert shop.rows(sessions) == []


def test_challenges_do_not_pile_up(shop: Shop) -> None:
    with shop.database.write() as connection:
        for _ in range(100):
            accounts.challenge(connection, shop.till.device_id, NOW, shop.randomness)
    assert len(shop.rows(challenges)) <= 32


def test_a_revoked_counter_is_told(shop: Shop) -> None:
    with shop.database.write() as connection:
        connection.execute(counters.update().values(state="revoked"))
        with pytest.raises(Refusal) as refusal:
            shop.till.hello(connection)
    assert refusal.value.code is RefusalCode.COUNTER_REVOKED


def test_an_unknown_counter_is_told(shop: Shop) -> None:
    with shop.database.write() as connection, pytest.raises(Refusal) as refusal:
        accounts.challenge(connection, b"?" * 16, NOW, shop.randomness)
    assert refusal.value.code is RefusalCode.COUNTER_UNKNOWN


class TestVerdicts:
    """What the centre makes of where a counter says its chain stands."""

    def verdict(self, shop: Shop, seq: int, head: bytes) -> str:
        till = shop.till
        with shop.database.write() as connection:
            given = accounts.challenge(connection, till.device_id, NOW, till.randomness)
            greeting = till.greeting(given.challenge, seq, head)
            reply = accounts.hello(connection, till.device_id, greeting, NOW, till.randomness)
        assert bool(reply.token) == (reply.verdict == "hi")
        return reply.verdict

    def test_equal_chains(self, shop: Shop) -> None:
        shop.till.sale()
        shop.push()
        assert self.verdict(shop, 1, shop.till.head) == "hi"

    def test_the_counter_has_more(self, shop: Shop) -> None:
        shop.till.sale()
        shop.push()
        assert self.verdict(shop, 5, b"\x01" * 32) == "hi"

    def test_the_centre_has_more(self, shop: Shop) -> None:
        before = shop.till.head
        shop.till.sale()
        shop.push()
        assert self.verdict(shop, 0, before) == "fork"

    def test_another_hash_at_the_same_place(self, shop: Shop) -> None:
        shop.till.sale()
        shop.push()
        assert self.verdict(shop, 1, b"\x01" * 32) == "fork"

    def test_another_beginning(self, shop: Shop) -> None:
        assert self.verdict(shop, 0, b"\x01" * 32) == "fork"

    def test_another_epoch(self, shop: Shop) -> None:
        with shop.database.write() as connection:
            connection.execute(counters.update().values(epoch=2))
        assert self.verdict(shop, 0, shop.till.head) == "epoch"


def test_forged_keeps_what_is_not_changed(shop: Shop) -> None:
    operation = shop.till.sale()
    assert forged(operation, seq=9).op_id == operation.op_id
