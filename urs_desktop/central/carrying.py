"""Grants carried by a customer's phone: the counter's signed request comes in, the signed grant goes out, as a page.

It is an exact grant like any other, proved by the counter's signature instead of a session. Must never answer a
request that its counter did not sign.
"""

import html
from typing import Final

import segno
import sqlalchemy as sa

from urs_desktop.central import leases
from urs_desktop.central.accounts import SessionOverError
from urs_desktop.central.origin import counter
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import carried
from urs_desktop.protocol.messages import GrantReply
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.ids import Randomness

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Points for your purchase</title>
<style>body{{font:18px/1.5 system-ui,sans-serif;margin:0;padding:24px;text-align:center;background:white;color:black}}
svg{{width:min(84vw,84vh);height:auto}}</style></head>
<body><h1>{points} points</h1><p>Show this to the cashier, who scans it. It serves this purchase alone.</p>{code}
</body></html>
"""


def grant(connection: sa.Connection, text: str, now: int, randomness: Randomness, key: SigningKey) -> GrantReply:
    """Set points aside as a carried request asks; asked again it gives the same answer.

    Raises MalformedError for what is no request, Refusal as leases.grant does, COUNTER_UNKNOWN also for a request its
    counter did not sign, GRANT_OVER for one of an epoch that is over.
    """
    asked = carried.read_request(text)
    if not carried.is_authentic(counter(connection, asked.device_id).public_key, asked):
        raise Refusal(RefusalCode.COUNTER_UNKNOWN)
    try:
        return leases.grant(connection, asked.device_id, asked.request, now, randomness, key)
    except SessionOverError:
        raise Refusal(RefusalCode.GRANT_OVER) from None


def page(reply: GrantReply) -> str:
    """Return the page a phone shows: the grant as a QR code."""
    code = segno.make(carried.grant_text(reply), error="m", micro=False)
    return _PAGE.format(points=reply.granted, code=code.svg_inline(scale=6, border=4, dark="black", light="white"))


def refusal_page(sentence: str) -> str:
    """Return the page a phone shows when there are no points to be had."""
    return _PAGE.format(points=0, code=f"<p>{html.escape(sentence)}</p>")
