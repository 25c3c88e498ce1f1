"""Runs base and head in turns, in two fresh checkouts.

Begin with ``alternate``.
"""
