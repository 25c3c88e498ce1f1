"""From an event to the reports that are judged: the pull request, its runs, their artifacts.

Begin with ``find_pull_request``; ``download_artifacts`` reads archives that strangers made.
"""
