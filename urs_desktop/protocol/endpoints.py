"""The paths of the central store's HTTPS interface, shared by the server's routes and the counter's transport.

`{device}` is the counter's device id in hexadecimal. Must never be spelled a second time elsewhere.
"""

from typing import Final

HEALTH: Final = "/v1/health"
"""GET, open: 204 once the store answers."""

CA: Final = "/v1/ca"
"""GET, open: the CA certificate in DER, to be believed only if the enrolment code's fingerprint fits."""

ENROL: Final = "/v1/enrol"
"""POST EnrolRequest, open: EnrolReply."""

CHALLENGE: Final = "/v1/device/{device}/challenge"
"""POST, empty: Challenge."""

HELLO: Final = "/v1/device/{device}/hello"
"""POST HelloRequest: HelloReply."""

REJOIN: Final = "/v1/device/{device}/rejoin"
"""POST RejoinRequest: RejoinReply. Needs no session: it is signed, and none is open when it is needed."""

PUSH: Final = "/v1/device/{device}/push"
"""POST PushRequest: PushReply. Needs no session: chain and signatures prove it."""

FEED: Final = "/v1/device/{device}/feed"
"""GET with `cursor`, `limit`, `wait` (seconds): FeedReply. Needs a session."""

GRANT: Final = "/v1/device/{device}/grant"
"""POST GrantRequest: GrantReply. Needs a session."""

LINE: Final = "/v1/device/{device}/line"
"""POST LineRequest: GrantReply. Needs a session."""

CARRIED: Final = "/v1/carried/{request}"
"""GET, open: a counter's signed request (see protocol.carried) brought by a phone; a page with the grant as a QR code.

With `Accept: text/plain` the grant's text alone.
"""

CUSTOMER: Final = "/v1/device/{device}/customer"
"""POST CustomerRequest: CustomerReply. Needs a session."""

SALE: Final = "/v1/device/{device}/sale"
"""POST SaleRequest: SaleReply; a sale of another vendor is RECEIPT_UNKNOWN. Needs a session."""

PERSON: Final = "/v1/device/{device}/person"
"""POST PersonRecord: PersonReply, the same for a record that was taken before. Needs a session."""

STATEMENT: Final = "/v1/device/{device}/statement"
"""POST StatementRequest: StatementReply; another vendor's customer is CUSTOMER_UNKNOWN. Needs a session."""

FIGURES: Final = "/v1/device/{device}/figures"
"""POST FiguresRequest: FiguresReply, of the counter's own vendor. Needs a session."""

RECEIPTS: Final = "/v1/device/{device}/receipts"
"""POST ReceiptsRequest: ReceiptsReply, of the counter's own vendor. Needs a session."""

SESSION_OVER: Final = "session_over"
"""Problem code of a 401: say hello again."""
