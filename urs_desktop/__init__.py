"""URS, the Unified Reward System: the counter (a desktop till) and the central store it syncs with.

One package, because both ends obey the same rules and speak the same messages.
This module must never import anything: both programs start from it.
"""
