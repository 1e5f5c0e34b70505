"""The devices of a counter: printers on network, USB, serial line, device file or system, and a virtual one.

Must never decide what is printed, nor whether it is sent again.
"""
