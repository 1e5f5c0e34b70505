"""The pinned connection: the CA of the enrolment code and nothing else, whatever the environment says.

Must never leave loopback.
"""

import datetime as dt
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from tests.unit.counter.tls import Authority, Site, authority, served
from urs_desktop.counter.ports import CentralDistrustedError, CentralUnavailableError
from urs_desktop.counter.sync.enrol import enrol
from urs_desktop.counter.sync.transport import SessionOverError, Transport, fetch_ca
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import endpoints
from urs_desktop.protocol.codec import MEDIA_TYPE, encode
from urs_desktop.protocol.enrolment_code import EnrolmentCode, fingerprint, to_text
from urs_desktop.protocol.messages import Challenge, CustomerRequest, Problem

ANSWER = Challenge(challenge=b"c" * 32)
PATH = "/v1/anything"


@dataclass(frozen=True)
class Ground:
    """Two authorities, ours and another, and a folder for their certificates."""

    ours: Authority
    theirs: Authority
    folder: Path


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(authority("ours"), authority("theirs"), tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def site(ground: Ground) -> Iterator[Site]:
    with served(ground.ours.leaf(ground.folder, "127.0.0.1")) as site:
        site.body = encode(ANSWER)
        yield site


@pytest.fixture
def connect(ground: Ground) -> Iterator[Callable[[str], Transport]]:
    """Return transports that trust our authority, closed at the end."""
    made: list[Transport] = []

    def connect(url: str) -> Transport:
        made.append(Transport(url, ground.ours.der))
        return made[-1]

    yield connect
    for transport in made:
        transport.close()


Connect = Callable[[str], Transport]


def test_a_message_goes_there_and_back(site: Site, connect: Connect) -> None:
    transport = connect(site.url)
    assert transport.post(PATH, CustomerRequest(card="C"), Challenge, "secret") == ANSWER
    assert transport.get(PATH, {"cursor": "a&b", "wait": 0}, Challenge, "secret", 5) == ANSWER
    (post, path, headers), (get, query, _) = site.asked
    assert (post, path, get, query) == ("POST", PATH, "GET", f"{PATH}?cursor=a%26b&wait=0")
    assert headers["Authorization"] == "Bearer secret"
    assert headers["Content-Type"] == headers["Accept"] == MEDIA_TYPE
    assert transport.healthy()


def test_one_authority_is_trusted_before_and_after_a_request(site: Site, connect: Connect) -> None:
    transport = connect(site.url)
    for _ in range(2):
        assert transport.context.cert_store_stats() == {"x509": 1, "crl": 0, "x509_ca": 1}
        transport.post(PATH, None, Challenge)
    assert transport.context.minimum_version is ssl.TLSVersion.TLSv1_3
    assert transport.context.check_hostname
    assert transport.context.verify_mode is ssl.CERT_REQUIRED


def refused(transport: Transport, site: Site) -> str:
    """Return the sentence with which what answers is distrusted, after seeing that it was told nothing."""
    with pytest.raises(CentralDistrustedError) as caught:
        transport.post(PATH, CustomerRequest(card="C"), Challenge, "secret")
    assert site.asked == []
    assert not transport.healthy()
    return str(caught.value)


def test_another_authority_is_refused(ground: Ground, connect: Connect) -> None:
    with served(ground.theirs.leaf(ground.folder, "127.0.0.1")) as site:
        assert "not the central store" in refused(connect(site.url), site)


@pytest.mark.parametrize("host", ["127.0.0.2", "central.example", "localhost"])
def test_another_host_is_refused(ground: Ground, connect: Connect, host: str) -> None:
    with served(ground.ours.leaf(ground.folder, host)) as site:
        assert "another host" in refused(connect(site.url), site)


def test_a_certificate_that_is_over_is_refused(ground: Ground, connect: Connect) -> None:
    past = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
    with served(ground.ours.leaf(ground.folder, "127.0.0.1", past)) as site:
        refused(connect(site.url), site)


def test_the_session_cannot_be_talked_out_of_it(ground: Ground, connect: Connect) -> None:
    with served(ground.theirs.leaf(ground.folder, "127.0.0.1")) as site:
        transport = connect(site.url)
        transport._session.verify = False
        refused(transport, site)


def test_tls_1_2_is_refused(ground: Ground, connect: Connect) -> None:
    with served(ground.ours.leaf(ground.folder, "127.0.0.1"), ssl.TLSVersion.TLSv1_2) as site:
        transport = connect(site.url)
        with pytest.raises(CentralUnavailableError, match="secure connection"):
            transport.post(PATH, None, Challenge)
        assert site.asked == []


@pytest.fixture
def hostile(ground: Ground, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Set everything in the environment by which requests could be led astray."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(ground.theirs.certificate.public_bytes(serialization.Encoding.PEM))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", "utf-8")
    netrc.chmod(0o600)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(bundle))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NETRC", str(netrc))


@pytest.mark.usefixtures("hostile")
def test_the_environment_is_ignored(ground: Ground, site: Site, connect: Connect) -> None:
    assert connect(site.url).post(PATH, None, Challenge) == ANSWER
    assert "Authorization" not in site.asked[0][2]
    with served(ground.theirs.leaf(ground.folder, "127.0.0.1")) as other:
        refused(connect(other.url), other)


def test_nothing_is_sent_in_the_clear(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(CentralUnavailableError):
            connect(url).post(PATH, None, Challenge)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_an_answer_that_points_elsewhere_is_not_followed(ground: Ground, site: Site, connect: Connect) -> None:
    with served(ground.ours.leaf(ground.folder, "127.0.0.1")) as other:
        site.status, site.headers = 307, {"Location": f"{other.url}/elsewhere"}
        with pytest.raises(CentralUnavailableError, match="307"):
            connect(site.url).post(PATH, None, Challenge, "secret")
        assert other.asked == []


def answered(site: Site, connect: Connect, status: int, body: bytes) -> Exception:
    """Return what an answer raises."""
    site.status, site.body = status, body
    with pytest.raises((Refusal, CentralUnavailableError)) as caught:
        connect(site.url).post(PATH, None, Challenge)
    return caught.value


@pytest.mark.parametrize("status", [404, 422])
def test_a_refusal_comes_with_its_code_and_figures(site: Site, connect: Connect, status: int) -> None:
    problem = Problem(code="points_over_cap", details={"points": 7, "cap": 5, "code": "x"})
    refusal = answered(site, connect, status, encode(problem))
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.POINTS_OVER_CAP
    assert refusal.details == {"points": 7, "cap": 5, "code": "x"}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"\x81\xa9challenge\xa1\xff"),
        (204, b""),
        (422, b"nonsense"),
        (422, encode(Problem(code="a_code_from_the_future"))),
        (500, b"boom"),
        (503, b""),
        (413, b""),
        (403, encode(Problem(code="points_over_cap"))),
    ],
)
def test_any_other_answer_is_no_answer(site: Site, connect: Connect, status: int, body: bytes) -> None:
    error = answered(site, connect, status, body)
    assert isinstance(error, CentralUnavailableError)
    assert not isinstance(error, CentralDistrustedError | SessionOverError)


def test_a_session_that_is_over_is_told_apart(site: Site, connect: Connect) -> None:
    error = answered(site, connect, 401, encode(Problem(code=endpoints.SESSION_OVER)))
    assert isinstance(error, SessionOverError)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:9", "https://", "nonsense", "https://127.0.0.1:99999", "https://[::1", "ftp://127.0.0.1"]
)
def test_where_nobody_is_there_is_no_answer(connect: Connect, url: str) -> None:
    transport = connect(url)
    with pytest.raises(CentralUnavailableError):
        transport.post(PATH, None, Challenge)
    assert not transport.healthy()


def code_for(certificate: bytes) -> EnrolmentCode:
    return EnrolmentCode(b"s" * 10, fingerprint(certificate))


def test_the_authority_is_fetched_and_believed_by_its_fingerprint(ground: Ground, site: Site) -> None:
    site.body = ground.ours.der
    assert fetch_ca(site.url, code_for(ground.ours.der)) == ground.ours.der
    assert [path for _, path, _ in site.asked] == [endpoints.CA]


@pytest.mark.parametrize("body", [b"", b"x", b"y" * 50_000])
def test_an_authority_with_another_fingerprint_is_refused_before_anything_is_sent(
    ground: Ground, site: Site, body: bytes
) -> None:
    site.body = body or ground.theirs.der
    with pytest.raises(CentralDistrustedError, match="nothing was sent"):
        enrol(site.url, to_text(code_for(ground.ours.der)), b"k" * 32)
    assert [path for _, path, _ in site.asked] == [endpoints.CA]


def test_a_man_in_the_middle_who_shows_our_authority_learns_nothing(ground: Ground) -> None:
    with served(ground.theirs.leaf(ground.folder, "127.0.0.1")) as site:
        site.body = ground.ours.der
        with pytest.raises(CentralDistrustedError):
            enrol(site.url, to_text(code_for(ground.ours.der)), b"k" * 32)
        assert [path for _, path, _ in site.asked] == [endpoints.CA]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9", "127.0.0.1:9", "", "https://", "https://127.0.0.1:99999", "https://[::1", "https://h:x"],
)
def test_what_is_no_address_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(CentralUnavailableError, match="must begin with https://"):
        fetch_ca(url, code_for(b"x"))


def test_enrolling_where_nobody_answers(ground: Ground) -> None:
    with pytest.raises(CentralUnavailableError, match="does not answer"):
        enrol("https://127.0.0.1:9", to_text(code_for(ground.ours.der)), b"k" * 32)
    with pytest.raises(Refusal) as caught:
        enrol("https://127.0.0.1:9", "nonsense", b"k" * 32)
    assert caught.value.code is RefusalCode.ENROLMENT_CODE_MALFORMED
