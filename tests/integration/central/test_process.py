"""The serving process: ready when it says so, gone when told to, whole again after the worst."""

import json
import os
import select
import signal
import socket
import threading
import time
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.integration.central.conftest import set_up
from tests.integration.central.server import RemoteTill, Server, policy_from, remote_till
from tests.postgresql.databases import Databases
from urs_desktop.protocol import codec, endpoints
from urs_desktop.protocol.messages import Problem, PushResult
from urs_desktop.protocol.operations import Operation, ProductItem

ON_A_FILE = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
"""For what no database has a part in."""

TERMS = ("--threshold", "10.00", "--reward-percentage", "5", "--redeemable-percentage", "50")


def shop(server: Server) -> str:
    server.id_from("policy", "set", "--category", "medium", *TERMS)
    return server.id_from("vendor", "add", "--name", "Shop", "--category", "medium")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_at_once_though_polls_hang(server: Server, number: int) -> None:
    vendor_id = shop(server)
    server.start()
    tills = [remote_till(server, vendor_id, seed) for seed in (1, 2)]
    for till in tills:
        till.ask_feed(till.feed().cursor, wait=25)
    for _ in range(20):
        assert server.client().send("GET", endpoints.HEALTH).status == 204
    status, milliseconds = server.stop(number)
    assert (status, milliseconds < 3000) == (0, True), milliseconds
    assert [till.hear_feed().items for till in tills] == [(), ()]
    assert not server.ready_file.exists()


def test_a_long_poll_answers_as_soon_as_there_is_news(server: Server) -> None:
    vendor_id = shop(server)
    server.start()
    till, other = remote_till(server, vendor_id, 1), remote_till(server, vendor_id, 2)
    till.ask_feed(till.feed().cursor, wait=20)
    other.till.products(ProductItem("MUG", "White metal mug", 255, 2))
    other.push()
    begun = time.monotonic_ns()
    [item] = till.hear_feed().items
    assert item.product
    assert time.monotonic_ns() - begun < 3_000_000_000


@ON_A_FILE
def test_news_of_others_does_not_end_a_poll(server: Server) -> None:
    vendor_id = shop(server)
    elsewhere = server.id_from("vendor", "add", "--name", "Elsewhere", "--category", "medium")
    server.start()
    till, other = remote_till(server, vendor_id, 1), remote_till(server, elsewhere, 2)
    cursor = till.feed().cursor
    other.till.sale(50_000)
    other.push()
    begun = time.monotonic_ns()
    assert till.feed(cursor, wait=1).items == ()
    assert time.monotonic_ns() - begun > 900_000_000


def push_all(till: RemoteTill, operations: list[Operation], arrived: threading.Semaphore) -> None:
    """Push slices of a chain until the server is gone, telling of each that was answered."""
    with suppress(OSError, HTTPException, AssertionError):
        for start in range(0, len(operations), 10):
            till.push(*operations[start : start + 10])
            arrived.release()


def test_killed_during_pushes_everything_is_there_exactly_once(server: Server) -> None:
    vendor_id = shop(server)
    server.start()
    till = remote_till(server, vendor_id)
    policy = policy_from(till.feed())
    for n in range(400):
        till.till.sale(50_000, f"C-{n % 5}", policy=policy)
    for turn in range(4):
        arrived = threading.Semaphore(0)
        pusher = threading.Thread(target=push_all, args=(till, till.till.operations, arrived))
        pusher.start()
        for _ in range(3 + 5 * turn):
            assert arrived.acquire(timeout=20)
        server.stop(signal.SIGKILL)  # while the next push is under way
        pusher.join()
        assert server.ready_file.exists(), "a killed server leaves its ready file"
        server.start()
        till = RemoteTill(till.till, server.client())
        assert till.hello().verdict == "hi"
        server.id_from("verify")
    for start in range(0, 400, 100):
        reply = till.push(*till.till.operations[start : start + 100])
        assert (reply.verdict, len(reply.results)) == ("ok", 100)
    server.id_from("verify")
    for n in range(5):
        assert '"wallet_balance": 200000' in server.id_from("customer", "show", f"C-{n}", "--json")


def test_commands_work_while_it_serves(server: Server) -> None:
    vendor_id = shop(server)
    server.start()
    till = remote_till(server, vendor_id)
    for _ in range(100):
        till.till.sale()
    results: list[PushResult] = []
    pusher = threading.Thread(target=lambda: results.extend(till.push().results))
    pusher.start()
    assert server.command("vendor", "add", "--name", "Late", "--category", "small").returncode == 0
    assert server.command("verify").returncode == 0
    pusher.join()
    assert len(results) == 100


@ON_A_FILE
def test_a_second_server_of_the_same_folder_is_refused(server: Server) -> None:
    server.start()
    done = server.command("serve", "--port", "0")
    assert (done.returncode, done.stdout) == (1, "")
    assert "already being served" in done.stderr
    assert server.ready_file.exists()


@ON_A_FILE
def test_a_port_in_use_is_refused(server: Server) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = server.command("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "Nothing can be served" in done.stderr
    assert "Traceback" not in done.stderr


@ON_A_FILE
def test_a_host_that_is_none_is_refused(server: Server) -> None:
    done = server.command("serve", "--host", "256.0.0.1", "--port", "0")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


def test_workers_share_the_port_and_end_with_it(server: Server) -> None:
    vendor_id = shop(server)
    server.start("--workers", "3")
    assert server.process
    children = _children(server.process.pid)
    assert len(children) == 2
    tills = [remote_till(server, vendor_id, seed) for seed in range(1, 7)]
    for till in tills:
        for _ in range(10):
            till.till.sale()
    pushers = [threading.Thread(target=push_to_the_end, args=(till,)) for till in tills]
    for pusher in pushers:
        pusher.start()
    for pusher in pushers:
        pusher.join()
    server.id_from("verify")
    counters = json.loads(server.id_from("counter", "list", "--json"))
    assert [row["operations"] for row in counters] == [10] * 6
    assert server.stop()[0] == 0
    assert _alive(children) == []


def push_to_the_end(till: RemoteTill) -> None:
    """Push a whole chain; on a busy machine a push ends early and says how far it came."""
    reached = 0
    while reached < len(till.till.operations):
        reached = till.push(*till.till.operations[reached:]).seq


@ON_A_FILE
def test_workers_end_with_a_killed_parent(server: Server) -> None:
    server.start("--workers", "2")
    assert server.process
    [child] = _children(server.process.pid)
    end = os.pidfd_open(child)
    server.stop(signal.SIGKILL)
    ended, _, _ = select.select([end], [], [], 20)
    os.close(end)
    assert ended, "a worker outlives its parent"


@ON_A_FILE
def test_a_worker_that_dies_is_replaced(server: Server) -> None:
    server.start("--workers", "2")
    assert server.process
    [child] = _children(server.process.pid)
    os.kill(child, signal.SIGKILL)
    until = time.monotonic() + 20
    tick = threading.Event()
    while (there := _children(server.process.pid)) in ([], [child]):
        assert time.monotonic() < until, "nobody takes the dead worker's place"
        tick.wait(0.02)
    assert len(there) == 1
    assert f"worker {child} ended with -9 and is replaced" in server.log()
    assert server.stop()[0] == 0
    assert _alive(there) == []


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task").glob("*/children")  # by the thread that started them
    return [int(child) for thread in listed for child in thread.read_text().split()]


def _alive(processes: list[int]) -> list[int]:
    return [number for number in processes if Path(f"/proc/{number}").exists()]


@ON_A_FILE
def test_a_host_may_be_named(server: Server) -> None:
    """It says that it is ready only once it has answered there itself, with a certificate for that address."""
    server.start("--host", "127.0.0.2")
    assert server.url.startswith("https://127.0.0.2:")


def test_it_serves_behind_a_passphrase(tmp_path: Path) -> None:
    phrase = tmp_path / "phrase"
    phrase.write_text("correct horse")
    server = set_up(tmp_path, "--passphrase-file", str(phrase))
    try:
        vendor_id = shop(server)
        server.start()
        till = remote_till(server, vendor_id)
        till.till.sale()
        assert till.push().verdict == "ok"
        assert server.stop()[0] == 0
    finally:
        server.end()


@ON_A_FILE
def test_a_broken_file_is_said_to_be_unavailable(server: Server) -> None:
    vendor_id = shop(server)
    server.start()
    till = remote_till(server, vendor_id)
    till.till.sale()
    for file in server.folder.glob("central.sqlite*"):
        file.write_bytes(b"no database at all" * 1000)
    is_unavailable(till)


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_a_database_server_that_lets_nobody_in_is_said_to_be_unavailable(server: Server, postgresql: Databases) -> None:
    """And as soon as it does again, everything goes on."""
    vendor_id = shop(server)
    server.start("--workers", "2")
    till = remote_till(server, vendor_id)
    till.till.sale()
    [(name,)] = postgresql.server.execute(
        "SELECT datname FROM pg_stat_activity WHERE application_name = %s LIMIT 1", values=("urs-central",)
    )
    postgresql.server.execute("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
    postgresql.server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", values=(name,)
    )
    is_unavailable(till)
    postgresql.server.execute("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
    assert till.push().verdict == "ok"
    assert "Traceback" not in server.log()


def is_unavailable(till: RemoteTill) -> None:
    """The counter is told so, and nothing else."""
    answer = till.post(endpoints.PUSH, till.till.request())
    assert answer.problem == (503, "unavailable")
    assert b"Traceback" not in answer.body
    assert codec.decode(answer.body, Problem).details == {}
