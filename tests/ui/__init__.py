"""The screens, drawn without a display and driven as a cashier drives them.

Finds widgets by object name, never by their text; must never test a rule a presenter decides.
"""
