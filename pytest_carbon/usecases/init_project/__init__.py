"""Looks at a project, proposes a policy and what belongs to it, and writes what the user takes.

Begin with ``look_at_project``, then ``make_proposal``.
"""
