"""The store's authority signs one server for its hosts, and no second authority."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store

from urs_desktop.central import certificates

NOW = 1_760_000_000_000
DAY = 24 * 60 * 60 * 1000
HOSTS = ("localhost", "127.0.0.1", "::1", "till.example")


@pytest.fixture(scope="module")
def authority() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = certificates.new_key()
    return key, certificates.authority(key, NOW)


@pytest.fixture(scope="module")
def server(authority: tuple[ec.EllipticCurvePrivateKey, x509.Certificate]) -> x509.Certificate:
    return certificates.server(certificates.new_key(), HOSTS, *authority, NOW)


def test_the_authority_may_sign_servers_only(authority: tuple[ec.EllipticCurvePrivateKey, x509.Certificate]) -> None:
    _, certificate = authority
    limits = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (limits.critical, limits.value.ca, limits.value.path_length) == (True, True, 0)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.digital_signature) == (True, False)


def test_the_servers_names_are_not_critical_and_it_lasts_825_days(server: x509.Certificate) -> None:
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert not names.critical
    assert names.value.get_values_for_type(x509.DNSName) == ["localhost", "till.example"]
    assert [str(ip) for ip in names.value.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert server.not_valid_after_utc - certificates.moment(NOW) == timedelta(days=825)


def test_a_strict_verifier_believes_the_chain(
    authority: tuple[ec.EllipticCurvePrivateKey, x509.Certificate], server: x509.Certificate
) -> None:
    verifier = (
        PolicyBuilder().store(Store([authority[1]])).time(certificates.moment(NOW + DAY))
    ).build_server_verifier(x509.DNSName("till.example"))
    assert verifier.verify(server, [])


@pytest.mark.parametrize(
    ("hosts", "days", "fits"),
    [
        (HOSTS, 0, True),
        (("localhost",), 0, True),
        (("localhost", "elsewhere.example"), 0, False),
        (("10.0.0.1",), 0, False),
        (HOSTS, 825 - 60, True),
        (HOSTS, 825 - 59, False),
        (HOSTS, 900, False),
    ],
)
def test_when_a_server_certificate_is_replaced(
    authority: tuple[ec.EllipticCurvePrivateKey, x509.Certificate],
    server: x509.Certificate,
    hosts: tuple[str, ...],
    days: int,
    fits: bool,
) -> None:
    assert certificates.still_fits(server, hosts, authority[1], NOW + days * DAY) == fits


def test_another_authoritys_certificate_does_not_fit(server: x509.Certificate) -> None:
    key = certificates.new_key()
    assert not certificates.still_fits(server, HOSTS, certificates.authority(key, NOW), NOW)
