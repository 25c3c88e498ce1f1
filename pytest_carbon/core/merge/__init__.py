"""The reports of the jobs of one CI run, merged into one report.

Begin with ``merge_reports``.
"""
