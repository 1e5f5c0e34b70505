"""Random histories of the ledger, compared step by step with a model of its rules that shares no code with it.

`rules` is the model, `world` plays a history on both, `machine` draws histories, `invariants` asks the database,
`mutants` breaks the ledger's rules one at a time. Must never learn a rule from the program: ledger.md is the source.
"""
