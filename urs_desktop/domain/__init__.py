"""The rules of the reward programme, as plain values and functions.

Standard library only. Must never read a clock, do I/O, log, translate or touch a float.
"""
