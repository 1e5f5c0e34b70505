"""The counter's encrypted SQLite store: schema, unit of work, queries, outbox and migrations.

One writing connection, one transaction a sale. Must never decide a rule or talk to the network.
"""
