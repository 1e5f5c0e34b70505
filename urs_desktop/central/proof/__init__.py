"""The parts of `verify`: what was signed, what was booked, what is stored, and what is shown of it.

Each check recomputes from a lower layer and yields one sentence for each row that does not fit. Must never repair
anything: what is wrong is evidence.

Where each invariant of ledger.md is held: before anything is written, by the database, and by `verify`.

1. Every entry sums to 0 in each unit. `domain.ledger.Entry`; trigger `entries_balanced` (`entries_close` on PostgreSQL)
   and, so that nothing joins it later, `postings_open`; `bookings`, which makes every entry anew.
2. Account signs. Only `domain.ledger` makes postings, with parts within their whole (`_rest`); CHECKs that wallets or
   lots are never below 0 and that an account has its own unit (accounts of vendors have no stored balance that a CHECK
   could see); `accounts`.
3. The pool has one minor unit for each unredeemed point. `domain.ledger.Entry`, entry by entry; no trigger, as it goes
   over accounts of several owners; `accounts`, over everything.
4. Lots are the wallet, and one that is over has nothing to spend. `central.ledger` moves lots and wallet by the same
   postings (`_check_moves`), `central.due` and `points.void` expire; CHECKs of `lots` (never below 0, never above what
   was granted), trigger `lot_moves_open`; `balances`, with what was noted as done (`due.DUE_UNTIL`).
5. Issued is earned less taken back, never more than was earned, and all of it for a full refund. `domain.refund`, which
   recomputes from everything that came back; nothing in SQL, which does not know the rules; `receipts`, sale by sale,
   and `accounts`, vendor by vendor.
6. What a vendor is due. It follows from the table of entries in `domain.ledger`; nothing in SQL; `accounts`.
7. All money sums to 0. As 1, over one unit; `accounts`.
8. Stored balances are the sums of postings. `central.ledger` alone writes wallets and lots, in the same call as the
   postings, `central.leases` the leases beside them; CHECKs of `leases` (open exactly while it holds something);
   `balances`.
9. Chains without a gap. `central.ingest` (`_in_order`, `_check_chain`); UNIQUE (device_id, epoch, seq) and append-only
   triggers; `chains`, from the signatures.

Beside them `sources` proves that no entry comes from nowhere, `approvals` that people agreed to what moves by hand,
`projections` that views show what the tables say, `resolutions` that parked
operations were resolved by who may, and the seals (`central.records`) that no row was touched.
"""
