"""What belongs to a new policy outside of it: workflows, labels, hooks, and the lines for other CI systems.

Begin with ``workflow_files``.
"""
