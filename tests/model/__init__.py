"""The lease rules as a small world in which every order of events is tried, none is drawn.

What a lease does comes from `urs_desktop.domain.lease`, the code that ships; what happens between two ends (messages
lost, repeated, overtaken, a counter put back to an older state) is written here once more, from the rules. Must never
import the sync or the stores: what is searched here is whether the rules are right.
"""
