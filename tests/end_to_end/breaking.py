"""A network that breaks: a TCP proxy whose connections are cut, stall, lose an answer or end on one side.

It knows nothing of what it carries, which is encrypted. Must never break anything once it is told to be whole.
"""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

_CHUNK: Final = 65_536
_CLOSE_SECONDS: Final = 5
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends a reset."""


@dataclass(eq=False)
class _Connection:
    """Both ends of one connection, and what befalls it: `flow` is set while bytes may pass."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    flow: asyncio.Event = field(default_factory=asyncio.Event)
    loses_answer: bool = False
    is_half: bool = False

    def reset(self) -> None:
        """End both sides as a router that lost its memory does."""
        for writer in (self.near, self.far):
            raw = writer.get_extra_info("socket")
            if raw is not None and raw.fileno() >= 0:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()
        self.flow.set()


class Network:
    """The only way from the counters' port to the central store's."""

    def __init__(self, port: int, behind: int) -> None:
        """Take the port counters know, and the one the central store has."""
        self._port = port
        self._behind = behind
        self._open: set[_Connection] = set()
        self._refusing = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)
        self._up = threading.Event()

    def start(self) -> None:
        """Begin to carry."""
        self._thread.start()
        assert self._up.wait(10), "the network does not come up"

    def close(self) -> None:
        """Cut everything and stop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def cut(self, chance: random.Random) -> int:
        """Reset some connections; return how many."""
        return self._befall(chance, _Connection.reset)

    def lose_answers(self, chance: random.Random) -> int:
        """Let the next answer of some connections be lost, and the connection with it; return how many."""

        def lose(connection: _Connection) -> None:
            connection.loses_answer = True

        return self._befall(chance, lose)

    def stall(self, chance: random.Random, seconds: float) -> int:
        """Let nothing pass on some connections for a while; return how many."""

        def stop(connection: _Connection) -> None:
            connection.flow.clear()
            self._loop.call_later(seconds, connection.flow.set)

        return self._befall(chance, stop)

    def half_close(self, chance: random.Random) -> int:
        """End some connections towards the central store alone: the counter is not told; return how many."""

        def end(connection: _Connection) -> None:
            if not connection.far.is_closing():
                connection.is_half = True
                connection.far.write_eof()

        return self._befall(chance, end)

    def partition(self, seconds: float) -> int:
        """Cut everything and let nobody in for a while; return how many connections that cost."""

        def heal() -> None:
            self._refusing = False

        def split() -> int:
            self._refusing = True
            self._loop.call_later(seconds, heal)
            cut = list(self._open)
            for connection in cut:
                connection.reset()
            return len(cut)

        return self._ask(split)

    def heal(self) -> None:
        """Let everything pass from now."""

        def mend() -> int:
            self._refusing = False
            for connection in self._open:
                connection.loses_answer = False
                connection.flow.set()
            return 0

        self._ask(mend)

    def _befall(self, chance: random.Random, what: Callable[[_Connection], None]) -> int:
        def some() -> int:
            connections = [connection for connection in self._open if chance.random() < 0.5]
            for connection in connections:
                what(connection)
            return len(connections)

        return self._ask(some)

    def _ask(self, what: Callable[[], int]) -> int:
        async def do() -> int:
            return what()

        return self._in_loop(do())

    def _in_loop(self, work: Coroutine[Any, Any, int]) -> int:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._carry, "127.0.0.1", self._port))
        self._up.set()
        self._loop.run_forever()
        server.close()
        for connection in list(self._open):
            connection.reset()
        if tasks := asyncio.all_tasks(self._loop):
            self._loop.run_until_complete(asyncio.wait(tasks, timeout=_CLOSE_SECONDS))
        self._loop.close()

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if self._refusing:
            back.transport.abort()
            return
        try:
            far, there = await asyncio.open_connection("127.0.0.1", self._behind)
        except OSError:
            back.transport.abort()
            return
        connection = _Connection(back, there)
        connection.flow.set()
        self._open.add(connection)
        try:
            await asyncio.gather(
                self._pump(connection, near, there, answers=False), self._pump(connection, far, back, answers=True)
            )
        finally:
            self._open.discard(connection)
            back.transport.abort()
            there.transport.abort()

    async def _pump(
        self, connection: _Connection, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        try:
            while data := await source.read(_CHUNK):
                await connection.flow.wait()
                if answers and connection.loses_answer:
                    connection.reset()
                    return
                if answers or not connection.is_half:
                    sink.write(data)
                    await sink.drain()
            if not sink.is_closing() and (answers or not connection.is_half):
                sink.write_eof()
        except OSError:
            connection.reset()
