"""Python as it was before code of the project could replace, forbid or freeze a part of it.

A conftest file may replace ``time.sleep`` or ``open`` by a function that raises, another plugin may freeze every clock,
and a test may leave the working directory or ``sys.path`` broken. Our work before and after the tests is done with the
functions of before, and what the tests have put in their place is there again when it is done.
"""

from __future__ import annotations

import itertools
import operator
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FunctionType
from typing import Any

from pytest_carbon.pytest_edge.spare_descriptors import SpareDescriptors

_MODULES = (
    "builtins", "codecs", "contextlib", "dataclasses", "errno", "fnmatch", "functools", "gc", "hashlib",
    "importlib", "inspect", "io", "itertools", "locale", "marshal", "math", "opcode", "operator", "os",
    "platform", "posix", "posixpath", "psutil", "re", "resource", "select", "selectors", "shlex", "shutil", "signal",
    "socket", "stat", "string", "struct", "sys", "time", "traceback", "types", "unicodedata", "urllib.parse", "uuid",
)  # fmt: skip
_MODULES_WITH_CLASSES = (
    "datetime", "importlib.metadata", "json", "json.decoder", "json.encoder", "pathlib", "pathlib._local", "subprocess",
    "tempfile", "threading", "tomllib",
)  # fmt: skip
"""Modules whose names are kept, and those whose classes are kept, too, if they are loaded when the run begins.

Modules of ours are kept with their classes.
"""
_OURS = "pytest_carbon"
_OF_PYTEST = ("argv", "breakpointhook", "displayhook", "excepthook", "modules", "path", "unraisablehook")
_STREAMS = ("stderr", "stdin", "stdout")
_METHODS = (FunctionType, classmethod, staticmethod, property)
_HEAP_TYPE = 1 << 9
"""Flag of a class whose attributes can be set: Py_TPFLAGS_HEAPTYPE."""
_LEAST_RECURSION = 1000
_catch_warnings, _simplefilter = warnings.catch_warnings, warnings.simplefilter
_getcwd, _chdir = os.getcwd, os.chdir
_all, _map, _vars, _is, _repeat = all, map, vars, operator.is_, itertools.repeat


class UntouchedPython:
    """What the modules that we need held when this object was made, and where the process was."""

    def __init__(self) -> None:
        ours = [name for name in sys.modules if name.partition(".")[0] == _OURS]
        self._kept: list[tuple[Any, dict[str, Any]]] = []
        for name in (*_MODULES, *_MODULES_WITH_CLASSES, *ours):
            if module := sys.modules.get(name):
                held = {key: value for key, value in vars(module).items() if _is_kept(name, key)}
                self._kept.append((module, held))
                if name not in _MODULES:
                    self._kept += [(value, _methods(value)) for value in held.values() if _is_own_class(value, name)]
        self._modules = dict(sys.modules)
        self._lists = [list(kept) for kept in _lists_of_import()]
        self._spare = SpareDescriptors()
        self._folder = _folder()

    @contextmanager
    def restored(self) -> Iterator[None]:
        """Put back what was replaced since, and at the end what it was replaced by.

        What our own work adds, such as modules that it imports, stays. Warnings in our work are nobody's concern.
        """
        replaced = [
            (holder, name, _vars(holder).get(name, _MISSING), held[name])
            for holder, held in self._kept
            for name in _changed(_vars(holder), held)
        ]
        modules = {name: sys.modules.get(name) for name in _changed(sys.modules, self._modules)}
        limit, folder = sys.getrecursionlimit(), _folder()
        lists: list[tuple[list[Any], list[Any]]] = []
        self._spare.release()
        try:
            for holder, name, _, was in replaced:
                _put(holder, name, was)
            sys.modules.update({name: self._modules[name] for name in modules})
            for changed, was in zip(_lists_of_import(), self._lists, strict=True):
                lists.append((changed, list(changed)))
                changed[:] = was
            _forget_places_without_finder()
            sys.setrecursionlimit(max(limit, _LEAST_RECURSION))
            _go(self._folder, folder)
            with _catch_warnings():
                _simplefilter("ignore")
                yield
        finally:
            _go(folder, self._folder)
            with suppress(RecursionError):  # we are too deep for the limit of the tests already
                sys.setrecursionlimit(limit)
            for changed, now in lists:
                changed[:] = now
            self._spare.hold()
            for name, module in modules.items():
                if module is None:
                    sys.modules.pop(name, None)
                else:
                    sys.modules[name] = module
            for holder, name, now, _ in replaced:
                _put(holder, name, now)


_MISSING: Any = object()


def _changed(now: Mapping[str, Any], was: Mapping[str, Any]) -> Sequence[str]:
    """Return the names that stand for another object than they did.

    There are thousands of names, and mostly none of them has changed: this is asked first, without a line of Python
    for each.
    """
    if _all(_map(_is, _map(now.get, was, _repeat(_MISSING)), was.values())):
        return ()
    return [name for name, value in was.items() if now.get(name, _MISSING) is not value]


def _is_kept(module: str, name: str) -> bool:
    """Return whether a name of a module is kept: a public one. What pytest itself replaces stays."""
    if module == "sys":
        return not name.startswith(("_", "last_", "ps")) and name not in (*_OF_PYTEST, *_STREAMS)
    return not name.startswith("_") or name == "__import__" or module.partition(".")[0] == _OURS


def _is_own_class(value: Any, module: str) -> bool:
    return isinstance(value, type) and value.__module__ == module and bool(value.__flags__ & _HEAP_TYPE)


def _methods(of: type) -> dict[str, Any]:
    return {name: value for name, value in vars(of).items() if isinstance(value, _METHODS)}


def _put(holder: Any, name: str, value: Any) -> None:
    with suppress(AttributeError, TypeError):
        if value is _MISSING:
            delattr(holder, name)
        else:
            setattr(holder, name, value)


def _lists_of_import() -> tuple[list[Any], ...]:
    """Return the lists by which Python finds modules. Tests change them in place."""
    return sys.path, sys.meta_path, sys.path_hooks


def _forget_places_without_finder() -> None:
    """Let a folder be searched again that had no finder while the tests had emptied ``sys.path_hooks``."""
    cache = sys.path_importer_cache
    for place in [place for place, finder in list(cache.items()) if finder is None]:
        cache.pop(place, None)


def _folder() -> str:
    """Return the working directory; an empty text if it is gone."""
    try:
        return _getcwd()
    except OSError:
        return ""


def _go(to: str, now: str) -> None:
    if to and to != now:
        with suppress(OSError):
            _chdir(to)
