"""What accounts report: costs of pull requests and tests, change points, intensities, top consumers, waste.

Begin with ``pull_request_costs``; each module answers one question.
"""
