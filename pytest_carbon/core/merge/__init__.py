"""Merges the reports of the jobs of one CI run into one report.

Begin with ``merge_reports``.
"""
