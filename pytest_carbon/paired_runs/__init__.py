"""Measures base and head in turns, each in a fresh checkout of its own.

Begin with ``measure_pairs``.
"""
