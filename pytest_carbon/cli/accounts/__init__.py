"""Verbs that read the accounts of a ledger: what to do about its grams.

Begin with ``advise``; ``select_holder`` takes one holder of all.
"""
