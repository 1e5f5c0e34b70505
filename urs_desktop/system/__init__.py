"""What both ends need of the machine: clock, identifiers, paths, sealed key file, logging, resources.

Must never know a rule of the programme, a table or a message.
"""
