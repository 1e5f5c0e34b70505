"""The reckoning after a bad day: what was printed, what both ends have stored, and where they differ.

Must never leave a difference out of its list.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.end_to_end import books
from tests.end_to_end.busy import TROUBLE
from tests.end_to_end.mishaps import Station
from tests.end_to_end.processes import Process, Processes
from tests.end_to_end.shop import CentralStore

Figures = tuple[int, ...]
Receipts = dict[tuple[str, int], Figures]
"""Total, points paid and points earned by counter and number; of a refund with a minus."""

_STORED = """
SELECT device_id, receipt, total, points_paid, points_posted FROM transactions
UNION ALL SELECT device_id, receipt, -total, -points_back, -clawed FROM refunds
"""
_LINES = "(SELECT COALESCE(SUM(granted - settled - returned), 0) FROM leases WHERE state = 'open' AND total = 0)"
_WALLETS = (
    f"SELECT MIN(pending), MIN(available), MIN(held), MIN(owed), SUM(held) - {_LINES}, SUM(available), COUNT(*) "
    "FROM wallets"
)
"""What is held by leases for one sale is to come back; what lines hold stays ready."""
_ENTRIES = "SELECT kind, SUM(points) FROM entries GROUP BY kind"
_RESULTS = "SELECT kind || ' ' || result || ' ' || code, COUNT(*) FROM operations GROUP BY 1 ORDER BY 1"
_PAID = "SELECT COALESCE(SUM(points_paid), 0) FROM transactions"
_EXPECTED_ENDS = (0, -9, TROUBLE)
_SHOWN = 5
_VERIFY_SECONDS = 1800


def account(central: CentralStore, stations: list[Station], processes: Processes) -> dict[str, Any]:
    """Return the day's figures, with `violations`, which is empty if nothing was lost, doubled or overdrawn."""
    violations: list[str] = []
    said: Counter[str] = Counter()
    printed: Receipts = {}
    for station in stations:
        for kind, what in _lines(station.lives):
            if kind in ("sale", "refund"):
                _print(printed, what, violations)
                said[f"{kind}s printed"] += 1
            else:
                said[f"{kind}: {what}"] += 1
    stored = _stored(central, violations)
    _compare(printed, stored, violations)
    figures = _ledger(central, violations)
    _prove(central, stations, len(stored), violations)
    _verify(central, stations, processes, violations)
    _ends(stations, violations)
    return {
        "sales": said.pop("sales printed", 0),
        "refunds": said.pop("refunds printed", 0),
        "receipts_stored": len(stored),
        "never_printed": len(stored) - len(printed),
        **figures,
        "came_to_nothing": dict(sorted(said.items())),
        "ends": {str(status): count for status, count in sorted(_all_ends(stations).items())},
        "violations": violations,
    }


def _lines(lives: list[Process]) -> Iterator[tuple[str, Any]]:
    """Yield what the processes of a counter said; a line that death cut off was not said."""
    for life in lives:
        for line in life.so_far("out").splitlines():
            try:
                said: dict[str, Any] = json.loads(line)
            except ValueError:
                continue
            yield from said.items()


def _print(printed: Receipts, what: list[Any], violations: list[str]) -> None:
    device, number, *figures = what
    if (device, number) in printed:
        violations.append(f"receipt {number} of {device} was printed twice")
    printed[device, number] = tuple(figures)


def _stored(central: CentralStore, violations: list[str]) -> Receipts:
    found: Receipts = {}
    with books.ledger(central) as database:
        for device, receipt, *figures in books.rows(database, _STORED):
            assert isinstance(device, bytes)
            key = (device.hex(), int(str(receipt)))
            if key in found:
                violations.append(f"receipt {key} is at the central store twice")
            found[key] = tuple(int(str(figure)) for figure in figures)
    last = Counter({device: 0 for device, _ in found})
    for device, receipt in found:
        last[device] = max(last[device], receipt)
    missing = [(device, n) for device, newest in last.items() for n in range(1, newest + 1) if (device, n) not in found]
    if missing:
        violations.append(f"{len(missing)} receipts are missing at the central store, among them {missing[:_SHOWN]}")
    return found


def _compare(printed: Receipts, stored: Receipts, violations: list[str]) -> None:
    lost = [key for key in printed if key not in stored]
    if lost:
        violations.append(f"{len(lost)} printed receipts are not at the central store, among them {lost[:_SHOWN]}")
    other = [(key, printed[key], stored[key]) for key in printed if stored.get(key, printed[key]) != printed[key]]
    if other:
        violations.append(f"{len(other)} receipts have other figures at the central store: {other[:_SHOWN]}")


def _ledger(central: CentralStore, violations: list[str]) -> dict[str, Any]:
    with books.ledger(central) as database:
        [(*least, held, available, wallets)] = books.rows(database, _WALLETS)
        entries = {str(kind): int(str(points)) for kind, points in books.rows(database, _ENTRIES)}
        results = {str(what).strip(): int(str(count)) for what, count in books.rows(database, _RESULTS)}
        [(paid,)] = books.rows(database, _PAID)
    redeemed, late = entries.get("REDEEM", 0), entries.get("LATE", 0)
    if any(int(str(balance)) < 0 for balance in least):
        violations.append(f"a wallet is below zero: {least}")
    if held:
        violations.append(f"{held} points are still held")
    if redeemed + late != int(str(paid)):
        violations.append(f"receipts were paid with {paid} points, booked are {redeemed} and {late} late")
    violations.extend(f"parked: {what}" for what in results if " parked" in what)
    return {
        "points_paid": int(str(paid)),
        "points_redeemed": redeemed,
        "points_late": late,
        "points_earned": entries.get("EARN", 0),
        "wallets": {"count": wallets, "available": int(str(available)), "held": int(str(held))},
        "operations": results,
    }


def _prove(central: CentralStore, stations: list[Station], stored: int, violations: list[str]) -> None:
    receipts = 0
    for station in stations:
        name = station.till.folder.name
        status = station.till.ask("status")
        receipts += int(status["receipts"])
        if status["waiting"] or status["parked"] or status["missing"]:
            violations.append(f"{name}: {status}")
    if receipts != stored:
        violations.append(f"counters have {receipts} receipts, the central store {stored}")
    log = "".join(path.read_text(errors="replace") for path in central.folder.glob("*.log*"))
    violations.extend(line for line in log.splitlines() if "incident" in line)


def _verify(central: CentralStore, stations: list[Station], processes: Processes, violations: list[str]) -> None:
    commands = [central.command("verify"), *(station.till.command("verify") for station in stations)]
    ended = processes.together(*commands, seconds=_VERIFY_SECONDS)
    violations.extend(f"{done.command}: {done.out}{done.err}" for done in ended if done.status)


def _ends(stations: list[Station], violations: list[str]) -> None:
    for station in stations:
        for life in station.lives:
            done = life.end()
            if done.status not in _EXPECTED_ENDS:
                violations.append(f"{station.till.folder.name} ended with {done.status}: {done.err[-800:]}")


def _all_ends(stations: list[Station]) -> Counter[int]:
    found: Counter[int] = Counter()
    for station in stations:
        found += station.ends
    return found
