"""What advice needs to know of a run beyond its figures: outcomes, set-up, the costliest tests, idle CPUs.

Begin with ``run_details``; ``details_of_report`` makes them from a report.
"""
