"""HTTPS to the central store with requests: TLS 1.3, this store's own CA and nothing else.

The context is pinned against everything requests would add (certifi, environment, proxies). Must never send anything to
a server whose certificate the CA of the enrolment code did not sign.
"""

import http.client
import ssl
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool

from urs_desktop.counter.ports import CentralDistrustedError, CentralUnavailableError
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import endpoints
from urs_desktop.protocol.codec import MEDIA_TYPE, MalformedError, decode, encode
from urs_desktop.protocol.enrolment_code import EnrolmentCode
from urs_desktop.protocol.messages import Problem

CONNECT_SECONDS: Final = 3
READ_SECONDS: Final = 10
_CA_BYTES: Final = 16 * 1024
_HTTPS_PORT: Final = 443
_OK: Final = 200
_NO_CONTENT: Final = 204
_UNAUTHORIZED: Final = 401
_REFUSED: Final = (404, 422)

_T = TypeVar("_T", bound=msgspec.Struct)


class SessionOverError(CentralUnavailableError):
    """The session's token is no longer good: say hello again."""


def pinned_context(ca_certificate: bytes) -> ssl.SSLContext:
    """Return a client context that trusts one CA certificate (DER), checks host names and speaks TLS 1.3 only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=ca_certificate)
    return context


class _PinnedAdapter(HTTPAdapter):
    """Keeps requests' own certificate store out: its cert_verify would load certifi into the pinned context."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - requests' own signature
        super().init_poolmanager(*arguments, **options, ssl_context=self._context)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:  # noqa: ANN401 - requests' own signature
        del verify, cert
        host, pool = super().build_connection_pool_key_attributes(request, True, None)  # noqa: FBT003 - requests' own signature
        pool.pop("ca_certs", None)
        return host, {**pool, "cert_reqs": "CERT_REQUIRED", "ssl_context": self._context}

    def cert_verify(self, conn: HTTPConnectionPool, url: str, verify: Any, cert: Any) -> None:  # noqa: ANN401 - requests' own signature
        del conn, url, verify, cert


class Transport:
    """One kept connection to the central store; for one thread at a time."""

    def __init__(self, base_url: str, ca_certificate: bytes) -> None:
        """Take the store's URL (https) and the CA certificate (DER) it must show."""
        self._base_url = base_url.rstrip("/")
        self.context = pinned_context(ca_certificate)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.adapters.clear()  # http:// too: nothing leaves this program in the clear
        self._session.mount("https://", _PinnedAdapter(self.context))
        self._session.headers.update({"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE})

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def healthy(self) -> bool:
        """Return whether the central store answers."""
        try:
            return self._send("GET", endpoints.HEALTH, b"", None, None, CONNECT_SECONDS).ok
        except CentralUnavailableError:
            return False

    def post(self, path: str, message: msgspec.Struct | None, reply: type[_T], token: str | None = None) -> _T:
        """Send a message and return the answer.

        Raises Refusal with the centre's reason, SessionOverError, CentralDistrustedError for a certificate that is
        not the store's, CentralUnavailableError for everything else that is no answer.
        """
        body = b"" if message is None else encode(message)
        return self._answer(self._send("POST", path, body, None, token, READ_SECONDS), reply)

    def get(self, path: str, query: dict[str, str | int], reply: type[_T], token: str, seconds: int) -> _T:
        """Ask for something that may take `seconds`; raises as `post`."""
        return self._answer(self._send("GET", path, b"", query, token, seconds), reply)

    def _send(
        self,
        method: str,
        path: str,
        body: bytes,
        query: dict[str, str | int] | None,
        token: str | None,
        seconds: int,
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return self._session.request(
                method,
                self._base_url + path,
                params=query,
                data=body,
                headers=headers,
                timeout=(CONNECT_SECONDS, seconds),
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            raise _distrusted(self._base_url, error) from error
        except requests.exceptions.RequestException as error:
            message = f"{self._base_url} does not answer ({type(error).__name__})"
            raise CentralUnavailableError(message) from error

    def _answer(self, response: requests.Response, reply: type[_T]) -> _T:
        try:
            if response.status_code == _OK:
                return decode(response.content, reply)
            if response.status_code == _UNAUTHORIZED:
                message = f"{self._base_url} ended the session"
                raise SessionOverError(message)
            if response.status_code in _REFUSED:
                raise _refusal(decode(response.content, Problem))
        except MalformedError as error:
            message = f"{self._base_url} gave an answer this program does not understand"
            raise CentralUnavailableError(message) from error
        message = f"{self._base_url} answered {response.status_code}"
        raise CentralUnavailableError(message)


def _refusal(problem: Problem) -> Exception:
    try:
        return Refusal(RefusalCode(problem.code), **problem.details)
    except ValueError:
        return CentralUnavailableError(f"the central store refused with {problem.code!r}")


def _distrusted(url: str, error: Exception) -> CentralUnavailableError:
    """Tell a certificate that is wrong from a connection that broke."""
    reason = str(error)
    if "not yet valid" in reason or "has expired" in reason:
        return CentralDistrustedError(
            f"the certificate of {url} is not valid at this counter's time: set the clock of this machine, "
            "or restart the central store for a new certificate"
        )
    if "CERTIFICATE_VERIFY_FAILED" in reason or "doesn't match" in reason or "mismatch" in reason:
        return CentralDistrustedError(
            f"What answers at {url} is not the central store this counter trusts: its certificate is for another "
            "host or signed by another authority."
        )
    return CentralUnavailableError(f"{url} does not complete a secure connection")


def _address(base_url: str) -> tuple[str, int]:
    """Return host and port of a central store's URL; raises CentralUnavailableError."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port or _HTTPS_PORT
    except ValueError:
        host, port = None, 0
    else:
        host = host if parts.scheme == "https" else None
    if not host:
        message = f"{base_url} is no address of a central store: it must begin with https://"
        raise CentralUnavailableError(message)
    return host, port


def fetch_ca(base_url: str, code: EnrolmentCode) -> bytes:
    """Return the CA certificate (DER) a central store shows, believed only because the code carries its fingerprint.

    Nothing secret is sent on this connection. Raises CentralDistrustedError when the fingerprint does not fit,
    CentralUnavailableError when nothing answers.
    """
    host, port = _address(base_url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=context)
    try:
        connection.request("GET", endpoints.CA)
        certificate = connection.getresponse().read(_CA_BYTES)
    except (OSError, http.client.HTTPException, ValueError) as error:
        message = f"{base_url} does not answer ({type(error).__name__})"
        raise CentralUnavailableError(message) from error
    finally:
        connection.close()
    if not code.matches(certificate):
        message = (
            f"What answers at {base_url} is not the central store that issued this code (its certificate differs); "
            "nothing was sent."
        )
        raise CentralDistrustedError(message)
    return certificate
