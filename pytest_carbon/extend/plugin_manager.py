"""Our own plugin manager: the built-in grid providers, and those of other packages."""

from __future__ import annotations

from functools import cache

import pluggy

from pytest_carbon import hookspecs
from pytest_carbon.grid import codecarbon_tables


def make_plugin_manager() -> pluggy.PluginManager:
    """Make a manager with the built-in plugins; those of other packages come first when asked."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(codecarbon_tables, "codecarbon-tables")
    manager.load_setuptools_entrypoints(hookspecs.PROJECT)
    return manager


@cache
def plugin_manager() -> pluggy.PluginManager:
    """Return this process's manager; looking for other packages' plugins takes time, so it is done once."""
    return make_plugin_manager()
