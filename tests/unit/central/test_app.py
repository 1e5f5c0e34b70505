"""Every failure is answered with a stable code and nothing else."""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.params import RawBody
from litestar.testing import TestClient

from tests.contract.central.till import CENTRAL_KEY, NOW, CountedRandomness
from urs_desktop.central.accounts import SessionOverError
from urs_desktop.central.app import Store, create
from urs_desktop.central.schema import customer_records
from urs_desktop.database.engine import Database, DatabaseFileError, sqlite_engine
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import codec
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.messages import Problem

SECRET = "password=hunter2"


class StoppedClock:
    """A clock that stands still."""

    def now(self) -> int:
        """Return the time of all tests."""
        return NOW


FAILURES = [
    (Refusal(RefusalCode.GRANT_OVER, rest=3), 422, "grant_over"),
    (Refusal(RefusalCode.COUNTER_UNKNOWN), 404, "counter_unknown"),
    (SessionOverError(), 401, "session_over"),
    (MalformedError("at $.seq"), 400, "malformed"),
    (sa.exc.OperationalError(SECRET, {}, Exception(SECRET)), 503, "unavailable"),
    (sa.exc.TimeoutError(SECRET), 503, "unavailable"),
    (DatabaseFileError(SECRET), 503, "unavailable"),
    (ZeroDivisionError(SECRET), 500, "internal"),
    (RecursionError(SECRET), 500, "internal"),
    (HTTPException(SECRET, status_code=418), 500, "internal"),
]


@pytest.mark.parametrize(("error", "status", "code"), FAILURES, ids=lambda value: type(value).__name__)
def test_a_failure_is_a_code(error: Exception, status: int, code: str, caplog: pytest.LogCaptureFixture) -> None:
    @get("/fail", sync_to_thread=False)
    def fail() -> None:
        raise error

    database = Database(sqlite_engine(None))
    store = Store(database, CENTRAL_KEY, b"", StoppedClock(), CountedRandomness())
    with caplog.at_level(logging.ERROR), TestClient(create(store, [fail]), raise_server_exceptions=False) as client:
        response = client.get("/fail")
    database.close()
    problem = codec.decode(response.content, Problem)
    assert (response.status_code, problem.code) == (status, code)
    assert SECRET.encode() not in response.content
    assert b"Traceback" not in response.content
    if code == "internal":
        assert str(problem.details["incident"]) in caplog.text
    if isinstance(error, Refusal):
        assert problem.details == error.details


def test_a_connection_that_ends_early_is_no_bug(caplog: pytest.LogCaptureFixture) -> None:
    @post("/take")
    async def take(body: RawBody) -> None:
        raise AssertionError(body)

    received: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"half", "more_body": True},
        {"type": "http.disconnect"},
    ]
    answered: list[int] = []

    async def receive() -> Any:  # noqa: ANN401 - what ASGI servers give
        return received.pop(0)

    async def send(message: Any) -> None:  # noqa: ANN401
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    scope: Any = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "https"}
    scope |= {"method": "POST", "path": "/take", "raw_path": b"/take", "query_string": b"", "root_path": ""}
    scope |= {
        "headers": [(b"content-length", b"8")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "state": {},
    }
    database = Database(sqlite_engine(None))
    app = create(Store(database, CENTRAL_KEY, b"", StoppedClock(), CountedRandomness()), [take])
    with caplog.at_level(logging.INFO, logger="urs_desktop"):
        asyncio.run(app(scope, receive, send))
    database.close()
    assert answered == [400]
    assert [record.levelname for record in caplog.records] == ["INFO"]


def test_a_server_lets_two_write_at_once(postgresql_database: Database) -> None:
    store = Store(postgresql_database, CENTRAL_KEY, b"", StoppedClock(), CountedRandomness())
    both = threading.Barrier(2, timeout=20)

    def write() -> None:
        with store.write():
            both.wait()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(write) for _ in range(2)]:
            done.result()


def test_a_file_lets_one_write_at_a_time() -> None:
    database = Database(sqlite_engine(None))
    store = Store(database, CENTRAL_KEY, b"", StoppedClock(), CountedRandomness())
    begun, order = threading.Event(), []

    def second() -> None:
        begun.set()
        with store.write():
            order.append("second")

    thread = threading.Thread(target=second)
    with store.write():
        thread.start()
        begun.wait()
        order.append("first")
    thread.join()
    database.close()
    assert order == ["first", "second"]


def test_the_log_repeats_no_row(postgresql_database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """A database server names the values it refused; they may be somebody's."""
    record = {"customer_id": "i", "card_code": "c", "name": SECRET, "phone": "", "email": None, "created_at": 0}

    @get("/fail", sync_to_thread=False)
    def fail() -> None:
        with postgresql_database.write() as connection:
            connection.execute(sa.insert(customer_records), record)

    store = Store(postgresql_database, CENTRAL_KEY, b"", StoppedClock(), CountedRandomness())
    with caplog.at_level(logging.INFO), TestClient(create(store, [fail]), raise_server_exceptions=False) as client:
        assert client.get("/fail").status_code == 503
    assert "null value" in caplog.text
    assert SECRET not in caplog.text
