"""The rules of the programme, proved on values alone.

Must never open a file of the project, a store or a clock.
"""
