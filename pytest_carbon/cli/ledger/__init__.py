"""The verbs below ``pytest-carbon ledger``.

Begin with ``commands``, which adds all of them.
"""
