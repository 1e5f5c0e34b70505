"""Print jobs in a list: the part of the fake store that `Book.prints` is.

Held to the same contract as the SQLite store. Must never write in a reading transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from urs_desktop.counter.paper.document import NOTHING
from urs_desktop.counter.print_ports import FAILED, OVER, JobState, ListedReceipt, PrintJob, Trouble
from urs_desktop.counter.values import Customer, StoredRefund, StoredSale
from urs_desktop.protocol.operations import RefundBody, SaleBody

Jobs = dict[str, PrintJob]


class FakePrints:
    """The jobs by id, in the order in which they were added."""

    def __init__(
        self,
        jobs: Jobs,
        sales: Mapping[int, StoredSale],
        refunds: Mapping[int, StoredRefund],
        customers: Mapping[str, Customer],
        *,
        writable: bool,
    ) -> None:
        self._jobs = jobs
        self._sales = sales
        self._refunds = refunds
        self._customers = customers
        self._writable = writable

    def put(self, job: PrintJob) -> None:
        self._check()
        if job.job_id in self._jobs:
            raise ValueError(f"the job {job.job_id} is there already")
        self._jobs[job.job_id] = job

    def get(self, job_id: str) -> PrintJob | None:
        return self._jobs.get(job_id)

    def of_subject(self, subject: str) -> Sequence[PrintJob]:
        return [job for job in self._jobs.values() if job.subject == subject]

    def next_waiting(self) -> PrintJob | None:
        return next((job for job in self._jobs.values() if job.state is JobState.WAITING), None)

    def move(self, job_id: str, before: JobState, after: JobState, trouble: Trouble | None = None) -> bool:
        self._check()
        job = self._jobs.get(job_id)
        if job is None or job.state is not before:
            return False
        document = NOTHING if after in OVER else job.document
        self._jobs[job_id] = replace(job, state=after, trouble=trouble, document=document)
        return True

    def interrupted(self) -> Sequence[PrintJob]:
        return [job for job in self._jobs.values() if job.state is JobState.SENDING]

    def count_waiting(self) -> int:
        return sum(job.state in (JobState.WAITING, JobState.SENDING) for job in self._jobs.values())

    def latest_failed(self) -> PrintJob | None:
        failed = [job for job in self._jobs.values() if job.state in FAILED]
        return failed[-1] if failed else None

    def prune(self, before: int) -> int:
        self._check()
        gone = [job_id for job_id, job in self._jobs.items() if job.state in OVER and job.made_at < before]
        for job_id in gone:
            del self._jobs[job_id]
        return len(gone)

    def receipts(self, text: str, receipt: int | None, limit: int) -> Sequence[ListedReceipt]:
        bodies: list[tuple[bool, SaleBody | RefundBody]] = [(False, sale.body) for sale in self._sales.values()]
        both = [*bodies, *((True, refund.body) for refund in self._refunds.values())]
        listed = []
        for is_refund, body in sorted(both, key=lambda each: -each[1].receipt):
            customer = self._customers.get(body.card or "", Customer(""))
            known = f"{customer.card}\n{customer.name}\n{customer.phone}".lower()
            if not text or body.receipt == receipt or text.lower() in known:
                listed.append(
                    ListedReceipt(body.receipt, is_refund, body.happened_at, body.total, body.card or "", customer.name)
                )
        return listed[:limit]

    def _check(self) -> None:
        if not self._writable:
            raise RuntimeError("attempt to write in a reading transaction")
