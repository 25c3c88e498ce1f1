"""What the local hooks warn about.

Begin with ``budget_warnings``; the other modules judge paths of a policy and workflows.
"""
