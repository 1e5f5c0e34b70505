"""The SQLAlchemy kernel of both ends: engines, pragmas, column types and the migration runner.

Must never know a table of either end, nor a rule of the programme.
"""
