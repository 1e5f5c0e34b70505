"""How the counter talks to the central store: transport, engine, back-off and the two network threads.

The network threads do network only and hand their pages to the write lane; must never hold up a sale.
"""
