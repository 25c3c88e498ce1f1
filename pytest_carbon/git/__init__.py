"""Runs git: commands, remotes, worktrees; knows nothing of carbon.

Begin with ``command``.
"""
