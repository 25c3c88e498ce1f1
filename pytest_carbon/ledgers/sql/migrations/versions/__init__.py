"""The changes of the schema, one in each file. A released change is never edited; a new change follows.

Begin with ``ledger_0001``, the first schema.
"""
