"""One issue for each feature and team, kept up to date for product managers.

Begin with ``update_issues``; ``issue_sync`` decides what changes in an issue, ``issue_tracker`` writes it.
"""
