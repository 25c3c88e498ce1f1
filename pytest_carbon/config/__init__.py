"""Reads ``carbon.toml`` and ``pyproject.toml`` into one frozen ``Config``.

Begin with ``load``.
"""
