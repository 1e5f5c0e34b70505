"""The commands of `urs-central`, each module a subject with its commands and their options.

A new command is a function and one line in its module's `add_to`; a new module is one more entry in central.cli's
SUBJECTS. Must never print: an answer is returned, and central.cli says it.
"""
