"""From an event to the reports to judge: the pull request, its runs and their artifacts.

Begin with ``find_pull_request``; ``download_artifacts`` reads archives that strangers made.
"""
