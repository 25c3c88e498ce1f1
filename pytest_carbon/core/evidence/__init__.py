"""Whether a run can be what it says that it is: its sums, its machine, its times and its id.

Begin with ``report_sums``.
"""
