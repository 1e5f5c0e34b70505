"""What stands at the central store's address when it is broken: its certificate and key, and no sensible answer.

Run by tests.end_to_end.forking until it is killed. Must never answer anything a counter could take for a success.
"""

import argparse
import http.client
import ssl
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from tests.end_to_end.processes import say

ANSWERS: Final[dict[str, tuple[int, bytes]]] = {
    "500": (500, b"out of order"),
    "503": (503, b""),
    "nonsense": (200, b"<html>Welcome to the hotel's wireless network</html>"),
    "elsewhere": (302, b""),
}
"""What it may answer to every request: status and body. Anything else it is told to answer, it hangs up."""


class _Handler(BaseHTTPRequestHandler):
    answer: tuple[int, bytes] | None = None
    behind: int | None = None
    protocol_version = "HTTP/1.1"

    def _fail(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.behind is not None:
            self._lose_the_reply(self.behind, body)
        if self.answer is None:
            self.close_connection = True
            return
        status, body = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", "https://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(body)

    def _lose_the_reply(self, port: int, body: bytes) -> None:
        """Let the real store do what was asked, and keep its answer."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        store = http.client.HTTPSConnection("127.0.0.1", port, context=context)
        store.request(self.command, self.path, body, dict(self.headers))
        store.getresponse().read()
        store.close()

    do_GET = do_POST = _fail  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main(arguments: Sequence[str]) -> int:
    """Serve on a port with a central store's keys."""
    parser = argparse.ArgumentParser("failing-store")
    parser.add_argument("keys", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("answer")
    parser.add_argument("--behind", type=int, metavar="PORT", help="a store that shall be asked all the same")
    options = parser.parse_args(arguments)
    _Handler.answer = ANSWERS.get(options.answer)
    _Handler.behind = options.behind
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.keys / "server.pem", options.keys / "server.key.pem")
    with ThreadingHTTPServer(("127.0.0.1", options.port), _Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        say("ready")
        server.serve_forever()
    return 0
