"""What comes out of a receipt printer: the document, its lines of so many columns, the bytes, and reading them back.

Must never do I/O, know what a receipt says, or let a control code of a name reach a printer.
"""
