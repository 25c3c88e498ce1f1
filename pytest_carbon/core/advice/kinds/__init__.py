"""The kinds of advice: each finds one kind of avoidable grams in the runs of a window.

Begin with ``docs_only``, the simplest.
"""
