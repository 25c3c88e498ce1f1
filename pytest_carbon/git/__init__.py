"""Runs git: commands, access to remotes, worktrees. Knows nothing of carbon.

Begin with ``run_git``.
"""
