"""The kinds of ledgers that can be asked for by name.

Begin with ``ledger_kind``, the protocol; ``registry`` lists the kinds.
"""
