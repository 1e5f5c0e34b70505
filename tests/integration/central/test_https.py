"""What a counter sees of the store over HTTPS: who is let in, what is refused, and how."""

import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.contract.central.till import forged
from tests.integration.central.server import RemoteTill, Server, bearer, enrol, policy_from, remote_till
from urs_desktop.protocol import codec, endpoints, enrolment_code
from urs_desktop.protocol.figures import FiguresReply, FiguresRequest, ReceiptsReply, ReceiptsRequest
from urs_desktop.protocol.messages import (
    CustomerReply,
    CustomerRequest,
    EnrolReply,
    GrantReply,
    GrantRequest,
    HelloReply,
    Problem,
)
from urs_desktop.protocol.operations import SaleBody, SaleSpend


@pytest.fixture(scope="module")
def vendor_id(served: Server) -> str:
    policy = ("--threshold", "10.00", "--reward-percentage", "5", "--redeemable-percentage", "50")
    served.id_from("policy", "set", "--category", "medium", *policy)
    return served.id_from("vendor", "add", "--name", "Shop", "--category", "medium")


@pytest.fixture(scope="module")
def till(served: Server, vendor_id: str) -> RemoteTill:
    return remote_till(served, vendor_id)


@pytest.fixture(scope="module")
def other(served: Server) -> RemoteTill:
    elsewhere = served.id_from("vendor", "add", "--name", "Elsewhere", "--category", "small")
    return remote_till(served, elsewhere, seed=2)


class TestTls:
    """TLS 1.3, the store's own authority, the hosts it is reached by."""

    def test_tls_1_2_is_refused(self, served: Server) -> None:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            served.client(ssl.TLSVersion.TLSv1_2).send("GET", endpoints.HEALTH)

    def test_the_authority_is_shown_and_fits_the_code(self, served: Server, vendor_id: str) -> None:
        code = enrolment_code.from_text(served.id_from("counter", "code", "--vendor", vendor_id))
        shown = served.client().send("GET", endpoints.CA)
        assert code.matches(shown.body)

    def test_a_host_the_certificate_does_not_name(self, served: Server) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile=str(served.folder / "keys" / "ca.pem"))
        parts = urlsplit(served.url)
        with (
            socket.create_connection((parts.hostname, parts.port)) as plain,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            context.wrap_socket(plain, server_hostname="elsewhere.example")

    def test_health_says_nothing_about_the_server(self, served: Server) -> None:
        answer = served.client().send("GET", endpoints.HEALTH)
        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["server"] == "urs"


class TestEnrolment:
    """A code lets one counter in, once."""

    def test_a_wrong_code(self, served: Server) -> None:
        code = enrolment_code.to_text(enrolment_code.new_code(b"any"))
        assert enrol(served.client(), code, 9).problem == (422, "enrolment_code_unknown")

    def test_a_spent_code(self, served: Server, vendor_id: str) -> None:
        code = served.id_from("counter", "code", "--vendor", vendor_id)
        first = enrol(served.client(), code, 10).read(EnrolReply)
        assert enrol(served.client(), code, 10).read(EnrolReply) == first
        assert enrol(served.client(), code, 11).problem == (422, "enrolment_code_spent")


class TestSessions:
    """Every counter has its own session and sees its own path."""

    @pytest.mark.parametrize("token", ["", "wrong", "x" * 10_000])
    @pytest.mark.parametrize("endpoint", [endpoints.GRANT, endpoints.CUSTOMER, endpoints.FIGURES, endpoints.RECEIPTS])
    def test_without_a_session(self, till: RemoteTill, endpoint: str, token: str) -> None:
        messages = {
            endpoints.GRANT: grant_request(till),
            endpoints.CUSTOMER: CustomerRequest(card="C-1"),
            endpoints.FIGURES: FiguresRequest(edges=()),
            endpoints.RECEIPTS: ReceiptsRequest(start=0, end=1),
        }
        message = messages[endpoint]
        assert till.post(endpoint, message, token=token).problem == (401, "session_over")

    def test_the_feed_without_a_session(self, till: RemoteTill) -> None:
        assert till.client.send("GET", till.path(endpoints.FEED)).problem == (401, "session_over")

    def test_another_vendors_session(self, till: RemoteTill, other: RemoteTill) -> None:
        assert till.post(endpoints.GRANT, grant_request(till), token=other.token).problem == (401, "session_over")
        answer = till.client.send("GET", till.path(endpoints.FEED), headers=bearer(other.token))
        assert answer.problem == (401, "session_over")
        assert till.post(endpoints.CUSTOMER, CustomerRequest(card="C-1"), token=other.token).status == 401

    def test_a_session_that_waits_is_let_go_when_it_is_not_ones_own(self, till: RemoteTill) -> None:
        answer = till.client.send("GET", f"{till.path(endpoints.FEED)}?wait=25", headers=bearer("wrong"))
        assert answer.problem == (401, "session_over")

    @pytest.mark.parametrize("device", ["00" * 16, "zz", "1", "00" * 500])
    def test_an_unknown_counter(self, till: RemoteTill, device: str) -> None:
        for endpoint in (endpoints.CHALLENGE, endpoints.PUSH):
            body = codec.encode(till.till.request()) if endpoint == endpoints.PUSH else b""
            answer = till.client.send("POST", endpoint.format(device=device), body)
            assert answer.problem == (404, "counter_unknown")

    def test_a_replayed_hello(self, till: RemoteTill) -> None:
        greeting = till.till.greeting(b"\x01" * 32)
        assert till.post(endpoints.HELLO, greeting).problem == (401, "session_over")


class TestBodies:
    """What is no message is refused early and said so."""

    @pytest.mark.parametrize(
        "endpoint",
        [endpoints.HELLO, endpoints.PUSH, endpoints.GRANT, endpoints.CUSTOMER, endpoints.FIGURES, endpoints.RECEIPTS],
    )
    @pytest.mark.parametrize("body", [b"", b"\xc1", b"{}", b"\x80", b"\x81\xa1a\x01", b"\xdf\xff\xff\xff\xff"])
    def test_malformed(self, till: RemoteTill, endpoint: str, body: bytes) -> None:
        answer = till.client.send("POST", till.path(endpoint), body, bearer(till.token))
        assert answer.problem == (400, "malformed")

    def test_an_unknown_field(self, till: RemoteTill) -> None:
        body = codec.encode(CustomerRequest(card="C-1")).replace(b"\xa4card", b"\xa4cord")
        assert till.client.send("POST", till.path(endpoints.CUSTOMER), body, bearer(till.token)).status == 400

    @pytest.mark.parametrize(("endpoint", "size"), [(endpoints.PUSH, 2 * 1024 * 1024), (endpoints.HELLO, 64 * 1024)])
    def test_too_large(self, served: Server, till: RemoteTill, endpoint: str, size: int) -> None:
        answer = served.client().send("POST", till.path(endpoint), b"x" * size)
        assert answer.problem == (400, "malformed")
        # Only announced: the store need not read a body to know that it is too large.
        connection = served.client().connection
        connection.putrequest("POST", till.path(endpoint))
        connection.putheader("Content-Length", str(size + 1))
        connection.endheaders()
        refused = connection.getresponse()
        assert (refused.status, codec.decode(refused.read(), Problem).code) == (413, "too_large")

    def test_too_large_without_saying_so(self, served: Server, till: RemoteTill) -> None:
        client = served.client()
        chunks = iter([b"x" * 60_000] * 3)
        client.connection.request("POST", till.path(endpoints.HELLO), chunks, encode_chunked=True)
        assert client.connection.getresponse().status == 413

    @pytest.mark.parametrize("cursor", ["x", "1.2", "-1.0.0"])
    def test_a_cursor_that_is_none(self, till: RemoteTill, cursor: str) -> None:
        answer = till.client.send("GET", f"{till.path(endpoints.FEED)}?cursor={cursor}", headers=bearer(till.token))
        assert answer.problem == (400, "malformed")

    @pytest.mark.parametrize("query", ["limit=x", "wait=1.5", "limit=99999999999999999999"])
    def test_a_query_that_is_none(self, till: RemoteTill, query: str) -> None:
        answer = till.client.send("GET", f"{till.path(endpoints.FEED)}?{query}", headers=bearer(till.token))
        assert answer.status in {200, 400}

    @pytest.mark.parametrize(
        ("method", "path", "expected"),
        [
            ("GET", "/", (404, "not_found")),
            ("GET", "/schema", (404, "not_found")),
            ("GET", "/schema/openapi.json", (404, "not_found")),
            ("GET", "/v1/enrol", (405, "method_not_allowed")),
            ("DELETE", "/v1/health", (405, "method_not_allowed")),
        ],
    )
    def test_paths_that_are_none(self, served: Server, method: str, path: str, expected: tuple[int, str]) -> None:
        assert served.client().send(method, path).problem == expected


def grant_request(till: RemoteTill, want: int = 1, lease: str = "L", policy: str = "?") -> GrantRequest:
    return GrantRequest(
        lease_id=lease, epoch=1, card="C-9", want=want, total=10_000, policy_id=policy, policy_version=1
    )


def test_a_purchase_from_end_to_end(served: Server, vendor_id: str, tmp_path: Path) -> None:
    """Earn, look up, grant, spend, read it back; then prove the store."""
    known = tmp_path / "customers.csv"
    known.write_text(f"code,name,phone,email,vendor\nC-9,Ann,+447700900109,,{vendor_id}\n")
    served.id_from("customer", "import", str(known))
    till = remote_till(served, vendor_id, seed=20)
    policy = policy_from(till.feed())
    cursor = till.feed().cursor
    till.till.sale(50_000, "C-9", policy=policy)
    assert [result.result for result in till.push().results] == ["applied"]
    seen = till.post(endpoints.CUSTOMER, CustomerRequest(card="C-9")).read(CustomerReply)
    assert seen.available == 2500
    grant = till.post(endpoints.GRANT, grant_request(till, 1000, "L-9", policy.policy_id)).read(GrantReply)
    assert grant.granted == 1000
    spend = SaleSpend("L-9", 1000, 0)
    till.till.sale(10_000, "C-9", policy=policy, points_paid=1000, spends=(spend,))
    assert [result.code for result in till.push().results] == ["", ""]
    [item] = till.feed(cursor).items
    assert item.customer
    assert item.customer.available == 1500 + 450
    shown = served.id_from("customer", "show", "C-9", "--json")
    assert '"wallet_balance": 1950' in shown
    assert served.command("verify").returncode == 0


def test_what_the_vendors_counters_sold(served: Server, till: RemoteTill, other: RemoteTill) -> None:
    """Of the counter's own vendor, and asked for again and again it is the same."""
    sale = codec.decode_body("sale", 1, till.till.sale(4_200, None).body)
    till.push()
    at = sale.happened_at if isinstance(sale, SaleBody) else 0
    asked = FiguresRequest(edges=(at, at + 1), products=5)
    for _ in range(2):
        told = till.post(endpoints.FIGURES, asked).read(FiguresReply)
        [row] = [row for row in told.rows if row.counter == till.till.identity.number]
        assert row.revenue >= 4_200
        assert told.products
    behind = till.post(endpoints.RECEIPTS, ReceiptsRequest(start=at, end=at + 1)).read(ReceiptsReply)
    assert 4_200 in [receipt.total for receipt in behind.receipts]
    assert other.post(endpoints.FIGURES, asked).read(FiguresReply).rows == ()
    assert other.post(endpoints.RECEIPTS, ReceiptsRequest(start=at, end=at + 1)).read(ReceiptsReply).receipts == ()
    assert till.post(endpoints.FIGURES, FiguresRequest(edges=(5, 4))).problem == (422, "amount_out_of_range")


def test_an_altered_operation_changes_nothing(till: RemoteTill) -> None:
    operation = till.till.sale()
    assert till.push(forged(operation, body=operation.body + b" ")).verdict == "bad_sig"
    assert till.push(operation).verdict == "ok"


def test_another_counters_operations(till: RemoteTill, other: RemoteTill) -> None:
    till.till.sale()
    body = codec.encode(till.till.request())
    reply = other.client.send("POST", other.path(endpoints.PUSH), body)
    assert b"fork" in reply.body or b"bad_sig" in reply.body
    assert till.push().verdict == "ok"


def test_hello_says_where_the_chain_stands(till: RemoteTill) -> None:
    till.till.sale()
    till.push()
    reply: HelloReply = till.hello()
    assert (reply.verdict, reply.seq, reply.head) == ("hi", len(till.till.operations), till.till.head)


def test_the_log_holds_no_secret(served: Server, till: RemoteTill) -> None:
    log = served.log()
    assert till.token not in log
    assert "Traceback" not in log
