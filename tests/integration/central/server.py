"""A real `urs-central serve` in a process of its own, and a client that trusts its CA alone."""

import contextlib
import http.client
import io
import signal
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from tests.contract.central.till import CountedRandomness, Till
from urs_desktop.central import cli
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.protocol import codec, endpoints, enrolment_code
from urs_desktop.protocol.messages import (
    Challenge,
    EnrolReply,
    EnrolRequest,
    FeedReply,
    HelloReply,
    Problem,
    PushReply,
)
from urs_desktop.protocol.operations import Operation
from urs_desktop.protocol.signatures import SigningKey

_T = TypeVar("_T", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: status, headers in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def read(self, kind: type[_T]) -> _T:
        """Return the message in the body."""
        assert self.status == http.client.OK, (self.status, self.body)
        return codec.decode(self.body, kind)

    @property
    def problem(self) -> tuple[int, str]:
        """The status and the code of what went wrong."""
        return self.status, codec.decode(self.body, Problem).code


class Client:
    """One kept connection over TLS 1.3 that believes one CA."""

    def __init__(self, url: str, ca: Path, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> None:
        parts = urlsplit(url)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = context.maximum_version = version
        context.load_verify_locations(cafile=str(ca))
        assert parts.hostname
        self.connection = http.client.HTTPSConnection(parts.hostname, parts.port or 443, timeout=40, context=context)

    def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        """Send one request and return the answer."""
        self.connection.request(method, path, body, headers or {})
        return self.answer()

    def answer(self) -> Answer:
        """Return the answer to the last request."""
        response = self.connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


@dataclass(slots=True)
class Server:
    """A data folder, the commands over it and, while it runs, the process that serves it."""

    folder: Path
    options: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None
    clients: list[Client] = field(default_factory=list)

    @property
    def ready_file(self) -> Path:
        """Where the URL appears."""
        return self.folder.parent / "ready"

    @property
    def url(self) -> str:
        """The URL of the running server."""
        return self.ready_file.read_text().strip()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        whole = [sys.executable, "-m", "urs_desktop.central.cli", "--data-dir", str(self.folder), *self.options]
        return subprocess.run([*whole, *arguments], capture_output=True, text=True, timeout=60, check=False)

    def id_from(self, *arguments: str) -> str:
        """Run a command that must succeed, in this process because that is faster, and return what it prints."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.main(["--data-dir", str(self.folder), *self.options, *arguments])
        assert status == 0, err.getvalue()
        return out.getvalue().strip()

    def start(self, *arguments: str) -> None:
        """Start serving and wait until it says that it answers."""
        whole = [sys.executable, "-m", "urs_desktop.central.cli", "--data-dir", str(self.folder), *self.options]
        self.process = subprocess.Popen(
            [*whole, "serve", "--port", "0", "--ready-file", str(self.ready_file), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        said = self.process.stdout.readline()
        assert said.startswith("The central store answers at https://"), (said, self.process.communicate())
        assert self.url in said

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, int]:
        """Send a signal and return the exit status and how many milliseconds it took."""
        assert self.process
        begun = time.monotonic_ns()
        self.process.send_signal(number)
        self.process.communicate(timeout=20)
        status = self.process.returncode
        self.process = None
        return status, (time.monotonic_ns() - begun) // 1_000_000

    def end(self) -> None:
        """Close clients and kill the process if it still runs."""
        for client in self.clients:
            client.close()
        if self.process is not None:
            self.process.kill()
            self.process.communicate()

    def client(self, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Client:
        """Return a new client of the running server."""
        made = Client(self.url, self.folder / "keys" / "ca.pem", version)
        self.clients.append(made)
        return made

    def log(self) -> str:
        """Return what the server wrote into its log."""
        return "".join(file.read_text() for file in self.folder.glob("urs-central.log*"))


@dataclass(slots=True)
class RemoteTill:
    """A counter that speaks to a running server."""

    till: Till
    client: Client
    token: str = ""

    def path(self, endpoint: str) -> str:
        """Return an endpoint of this counter."""
        return endpoint.format(device=self.till.device_id.hex())

    def post(self, endpoint: str, message: msgspec.Struct | None = None, token: str | None = None) -> Answer:
        """Post a message, with the session's token unless another is named."""
        body = codec.encode(message) if message is not None else b""
        return self.client.send("POST", self.path(endpoint), body, bearer(self.token if token is None else token))

    def hello(self) -> HelloReply:
        """Open a session."""
        given = self.post(endpoints.CHALLENGE).read(Challenge)
        reply = self.post(endpoints.HELLO, self.till.greeting(given.challenge)).read(HelloReply)
        self.token = reply.token
        return reply

    def push(self, *operations: Operation) -> PushReply:
        """Push these operations, or all."""
        return self.post(endpoints.PUSH, self.till.request(*operations)).read(PushReply)

    def feed(self, cursor: str = "", wait: int = 0, limit: int = 1000) -> FeedReply:
        """Read the feed."""
        self.ask_feed(cursor, wait, limit)
        return self.hear_feed()

    def ask_feed(self, cursor: str, wait: int, limit: int = 1000) -> None:
        """Ask for the feed without waiting for the answer."""
        query = urlencode({"cursor": cursor, "wait": wait, "limit": limit})
        self.client.connection.request("GET", f"{self.path(endpoints.FEED)}?{query}", headers=bearer(self.token))

    def hear_feed(self) -> FeedReply:
        """Return the answer to what was asked for."""
        return self.client.answer().read(FeedReply)


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries a session's token."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def enrol(client: Client, code: str, seed: int) -> Answer:
    """Spend an enrolment code with the key that belongs to a seed."""
    secret = enrolment_code.from_text(code).secret
    request = EnrolRequest(secret=secret, public_key=SigningKey(bytes([seed]) * 32).public_key, name=f"Till {seed}")
    return client.send("POST", endpoints.ENROL, codec.encode(request))


def remote_till(server: Server, vendor_id: str, seed: int = 1) -> RemoteTill:
    """Return a counter enrolled at a running server, with a session."""
    client = server.client()
    code = server.id_from("counter", "code", "--vendor", vendor_id)
    identity = enrol(client, code, seed).read(EnrolReply)
    till = RemoteTill(Till(identity, SigningKey(bytes([seed]) * 32), CountedRandomness(seed)), client)
    assert till.hello().verdict == "hi"
    return till


def policy_from(reply: FeedReply) -> RewardPolicy:
    """Return the one policy a counter was told of."""
    [told] = [item.policy for item in reply.items if item.policy]
    values = msgspec.structs.asdict(told)
    return RewardPolicy(**{**values, "category": Category(told.category)})
