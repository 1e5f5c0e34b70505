"""The bytes that are signed for ever, held still by vectors.

A vector must never be regenerated to make a test pass: a change of bytes is a new tag or schema.
"""
