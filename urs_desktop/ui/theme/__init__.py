"""The looks of the counter: tokens from resources/theme, made into a palette and one style sheet.

Must never hold a colour itself.
"""
