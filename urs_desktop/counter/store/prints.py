"""Print jobs in SQL, and the receipts that can be printed again.

Must never send anything, nor decide whether a job may be sent again.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import bindparam, insert, literal, select

from urs_desktop.counter.paper.document import NOTHING, decoded, encoded
from urs_desktop.counter.print_ports import FAILED, OVER, JobKind, JobState, ListedReceipt, PrintJob, Trouble
from urs_desktop.counter.store import schema
from urs_desktop.counter.store.print_schema import print_jobs
from urs_desktop.database.columns import INTEGER, TEXT

_j, _s, _r, _c = print_jobs.c, schema.sales.c, schema.refunds.c, schema.customers.c
_JOB = select(_j.job_id, _j.kind, _j.subject, _j.made_at, _j.document, _j.kick, _j.state, _j.trouble)
_UNFINISHED: Final = (JobState.WAITING, JobState.SENDING)
_GET = _JOB.where(_j.job_id == bindparam("of_job"))
_OF_SUBJECT = _JOB.where(_j.subject == bindparam("of_subject")).order_by(_j.n)
_NEXT = _JOB.where(_j.state == JobState.WAITING).order_by(_j.n).limit(1)
_INTERRUPTED = _JOB.where(_j.state == JobState.SENDING).order_by(_j.n)
_WAITING = select(sa.func.count()).where(_j.state.in_(_UNFINISHED))
_FAILED = _JOB.where(_j.state.in_(sorted(FAILED))).order_by(_j.n.desc()).limit(1)
_MOVE = (
    sa.update(print_jobs)
    .where(_j.job_id == bindparam("of_job"), _j.state == bindparam("before"))
    .values(state=bindparam("after"), trouble=bindparam("why"))
)
_END = _MOVE.values(document=encoded(NOTHING))
_PRUNE = sa.delete(print_jobs).where(_j.state.in_(sorted(OVER)), _j.made_at < bindparam("before", type_=INTEGER))

_TEXT: Final[sa.BindParameter[str]] = bindparam("of_text", type_=TEXT)
_RECEIPT: Final[sa.BindParameter[int]] = bindparam("of_receipt", type_=INTEGER)
_LIMIT: Final[sa.BindParameter[int]] = bindparam("of_limit", type_=INTEGER)
_ESCAPED: Final = re.compile(r"[\\%_]")
_FITTING = select(_c.card).where(
    sa.or_(*(column.contains(_TEXT, escape="\\") for column in (_c.name, _c.phone, _c.card)))
)


def _listed(table: sa.Table, *, is_refund: bool) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Return the rows of one kind of receipt, newest first: all of them, and those that fit."""
    own = table.c
    rows = select(own.receipt, literal(is_refund).label("refund"), own.happened_at, own.total, own.card)
    newest = rows.order_by(own.receipt.desc()).limit(_LIMIT)
    fitting = sa.or_(own.receipt == _RECEIPT, own.card.in_(_FITTING))
    return newest, rows.where(fitting).order_by(own.receipt.desc()).limit(_LIMIT)


def _together(sales: sa.Select[Any], refunds: sa.Select[Any]) -> sa.Select[Any]:
    both = sa.union_all(select(sales.subquery()), select(refunds.subquery())).subquery()
    named = sa.outerjoin(both, schema.customers, both.c.card == _c.card)
    return select(both, _c.name).select_from(named).order_by(both.c.receipt.desc()).limit(_LIMIT)


_OF_SALES, _OF_REFUNDS = _listed(schema.sales, is_refund=False), _listed(schema.refunds, is_refund=True)
_LATEST, _MATCHING = _together(_OF_SALES[0], _OF_REFUNDS[0]), _together(_OF_SALES[1], _OF_REFUNDS[1])


class SqlPrints:
    """The print jobs, as counter.print_ports.Prints."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection

    def put(self, job: PrintJob) -> None:
        """Add a job behind the others; raises for an id that is there."""
        row = {
            "job_id": job.job_id,
            "kind": job.kind.value,
            "subject": job.subject,
            "made_at": job.made_at,
            "document": encoded(job.document),
            "kick": int(job.kick),
            "state": job.state.value,
            "trouble": job.trouble,
        }
        self._connection.execute(insert(print_jobs), row)

    def get(self, job_id: str) -> PrintJob | None:
        """Return the job with this id."""
        return self._one(_GET, {"of_job": job_id})

    def of_subject(self, subject: str) -> Sequence[PrintJob]:
        """Return the jobs about this, in the order in which they were added."""
        return [_job(row) for row in self._connection.execute(_OF_SUBJECT, {"of_subject": subject})]

    def next_waiting(self) -> PrintJob | None:
        """Return the first job that waits."""
        return self._one(_NEXT, {})

    def move(self, job_id: str, before: JobState, after: JobState, trouble: Trouble | None = None) -> bool:
        """Change a job's state if it is `before`, and say whether it was."""
        values = {"of_job": job_id, "before": before.value, "after": after.value, "why": trouble}
        return self._connection.execute(_END if after in OVER else _MOVE, values).rowcount == 1

    def interrupted(self) -> Sequence[PrintJob]:
        """Return the jobs whose sending has begun and not ended."""
        return [_job(row) for row in self._connection.execute(_INTERRUPTED)]

    def count_waiting(self) -> int:
        """Return how many jobs wait or are being sent."""
        return int(self._connection.execute(_WAITING).scalar_one())

    def latest_failed(self) -> PrintJob | None:
        """Return the job added last of those that failed."""
        return self._one(_FAILED, {})

    def prune(self, before: int) -> int:
        """Delete the jobs made before this time that are over; returns how many."""
        return self._connection.execute(_PRUNE, {"before": before}).rowcount

    def receipts(self, text: str, receipt: int | None, limit: int) -> Sequence[ListedReceipt]:
        """Return up to `limit` sales and refunds, newest first; with `text` those that fit it."""
        if text:
            values = {"of_text": _ESCAPED.sub(r"\\\g<0>", text), "of_receipt": receipt, "of_limit": limit}
            rows = self._connection.execute(_MATCHING, values)
        else:
            rows = self._connection.execute(_LATEST, {"of_limit": limit})
        return [
            ListedReceipt(row.receipt, bool(row.refund), row.happened_at, row.total, row.card or "", row.name or "")
            for row in rows
        ]

    def _one(self, statement: sa.Select[Any], values: dict[str, object]) -> PrintJob | None:
        row = self._connection.execute(statement, values).one_or_none()
        return None if row is None else _job(row)


def _job(row: sa.Row[*tuple[Any, ...]]) -> PrintJob:
    return PrintJob(
        row.job_id,
        JobKind(row.kind),
        row.subject,
        row.made_at,
        decoded(row.document),
        bool(row.kick),
        JobState(row.state),
        None if row.trouble is None else Trouble(row.trouble),
    )
