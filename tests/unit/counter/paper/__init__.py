"""Sheets of paper: widths, lines, bytes, and what comes back out of the bytes."""
