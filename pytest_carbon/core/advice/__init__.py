"""Advice: what a team can do about its grams, ranked by what it saves, and what came of earlier advice.

Begin with ``add_advice``; a new kind is one module in ``kinds`` and one line in ``registry``.
"""
