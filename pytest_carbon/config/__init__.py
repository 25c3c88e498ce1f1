"""Reads ``carbon.toml`` and ``pyproject.toml`` into one ``Config``.

Begin with ``load``.
"""
