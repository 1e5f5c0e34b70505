"""How fast the programs are, each figure beside a reference measured in the same run.

Reports, and is no part of the test run: a slow machine must never fail a change.
"""
