"""What the counter and the central store say to each other: operations, messages, codec, chain, signatures.

Both ends import the same structs, so neither can drift. Must never know a database, a socket or a screen.
"""
