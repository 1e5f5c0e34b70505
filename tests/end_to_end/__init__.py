"""The two real programs, started as a person starts them.

Few, because they are slow; must never reach into a program but by its commands and screens.
"""
