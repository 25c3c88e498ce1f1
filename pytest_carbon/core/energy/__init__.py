"""Turns readings of the machine into joules and grams per test and feature.

Begin with ``power_windows``, then ``attribution``, ``report_rows`` and ``shared_fixture_energy``.
"""
