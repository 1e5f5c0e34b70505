"""What both programs need of the machine.

Must never write outside the folder a test is given.
"""
