"""The store's own certificate authority and the server certificate it issues: P-256, made on the first run.

Counters trust this authority alone, by the fingerprint in their enrolment code. Must never sign a second authority
(path length 0) nor write a private key.
"""

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS: Final = 3652
SERVER_DAYS: Final = 825
"""How long a new certificate is good for; 825 days is the most that Apple's and older browsers' stacks accept."""

RENEW_DAYS: Final = 60
"""A server certificate with fewer days left is replaced when the store starts."""

_BACKDATED: Final = timedelta(days=365)
"""Certificates of this private authority are good from long ago, so that a till with a slow clock is not cut off."""

_MS: Final = 1000


def moment(milliseconds: int) -> datetime:
    """Return a time of the programme (milliseconds since the epoch) as certificates have it: whole seconds, UTC."""
    return datetime.fromtimestamp(milliseconds // _MS, UTC)


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a new P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def authority(key: ec.EllipticCurvePrivateKey, now: int) -> x509.Certificate:
    """Return a new authority's certificate over its own key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "URS central store CA")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = _usage(signs_certificates=True)
    return (
        _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def server(
    key: ec.EllipticCurvePrivateKey,
    hosts: Iterable[str],
    ca_key: ec.EllipticCurvePrivateKey,
    ca_certificate: x509.Certificate,
    now: int,
) -> x509.Certificate:
    """Return a certificate for a server reached by these host names and addresses."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "URS central store")])
    names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    return (
        _builder(name, ca_certificate.subject, key.public_key(), now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(usage, critical=False)
        .add_extension(names, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer, critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def still_fits(certificate: x509.Certificate, hosts: Iterable[str], ca: x509.Certificate, now: int) -> bool:
    """Return whether a server certificate is this authority's, names all the hosts and has RENEW_DAYS left."""
    try:
        certificate.verify_directly_issued_by(ca)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    lasts = certificate.not_valid_after_utc - moment(now) >= timedelta(days=RENEW_DAYS)
    return lasts and {_general_name(host) for host in hosts} <= set(names)


def to_der(certificate: x509.Certificate) -> bytes:
    """Return a certificate in DER, over which its fingerprint is taken."""
    return certificate.public_bytes(serialization.Encoding.DER)


def to_pem(*chain: x509.Certificate) -> bytes:
    """Return certificates in PEM, one after the other."""
    return b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in chain)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: int, days: int
) -> x509.CertificateBuilder:
    start = moment(now)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # Backdated, because a counter's clock may be behind the store's.
        .not_valid_before(start - _BACKDATED)
        .not_valid_after(start + timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
