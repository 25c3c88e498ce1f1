"""The kinds of advice: each finds one kind of avoidable grams in the runs of a window.

Begin with ``superseded_runs``, the simplest.
"""
