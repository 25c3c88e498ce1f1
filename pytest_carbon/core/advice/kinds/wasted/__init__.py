"""Advice on runs that were for nothing: cancelled, superseded, repeated.

Begin with ``superseded_runs``.
"""
