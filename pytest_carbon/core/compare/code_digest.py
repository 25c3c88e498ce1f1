"""A digest of a test function's code, to know the same test under another name."""

from __future__ import annotations

import hashlib
import opcode
from collections.abc import Iterator
from functools import partial
from types import CodeType, MethodType
from typing import Any

_CONST = frozenset(opcode.hasconst)
_ARG_OF_MORE_BYTES = opcode.opmap["EXTENDED_ARG"]
_STORE_NAME = opcode.opmap["STORE_NAME"]
_ABOUT_THE_CLASS = ("__qualname__", "__firstlineno__", "__static_attributes__")
_SHAPE_FLAGS = 0x3FF  # arguments and kind of function; higher flags are about docstrings and __future__
_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...))
_DEEPEST = 50


def code_digest(function: object) -> str | None:
    """Return 12 hex digits that are equal for functions with equal bodies, or None for what has no Python code.

    Name, file, line numbers and docstring do not count; arguments, their defaults and functions inside do. A
    decorator that follows ``functools.wraps`` is looked through. Digests of two versions of Python differ.
    """
    inner = _innermost(function)
    code = getattr(inner, "__code__", None)
    if not isinstance(code, CodeType):
        return None
    defaults = (getattr(inner, "__defaults__", None), getattr(inner, "__kwdefaults__", None))
    text = repr((_told(code), [_value(default) for default in defaults]))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:12]


def _innermost(function: object) -> object:
    """Look through methods, partials, wrappers and Hypothesis; stop somewhere if they go in a circle."""
    for _ in range(_DEEPEST):
        if isinstance(function, MethodType):
            function = function.__func__
        elif isinstance(function, partial):
            function = function.func
        else:
            given = getattr(function, "hypothesis", None)
            inner = getattr(given, "inner_test", None) or getattr(function, "__wrapped__", None)
            if inner is None:
                break
            function = inner
    return function


def _told(code: CodeType) -> tuple[Any, ...]:
    return (
        code.co_flags & _SHAPE_FLAGS,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        code.co_exceptiontable,
        *_steps(code),
    )


def _steps(code: CodeType) -> Iterator[Any]:
    """Yield the bytecode, with each constant where it is loaded: nothing loads a docstring, so it drops out.

    The bytecode that loads a class's own name or line number, to store it in the class, drops out as well.
    """
    raw, consts, names = code.co_code, code.co_consts, code.co_names
    is_class = "__qualname__" in names
    since = begin = more = 0
    for at in range(0, len(raw), 2):
        step = raw[at]
        begin = begin if more else at
        if step == _ARG_OF_MORE_BYTES:
            more = (more | raw[at + 1]) << 8
            continue
        if is_class and raw[at + 2 : at + 3] == bytes((_STORE_NAME,)) and names[raw[at + 3]] in _ABOUT_THE_CLASS:
            yield raw[since:begin]
            since = at + 2
        elif step in _CONST:
            yield raw[since:begin]
            yield step
            yield _value(consts[more | raw[at + 1]])
            since = at + 2
        more = 0
    yield raw[since:]


def _value(value: object) -> Any:
    """Return something whose repr is the same in every process, and differs for different plain values."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, CodeType):
        return _told(value)
    if isinstance(value, tuple):
        return ("tuple", *map(_value, value))
    if isinstance(value, frozenset):
        return ("frozenset", *sorted(repr(_value(item)) for item in value))
    if isinstance(value, dict):
        return ("dict", *((name, _value(item)) for name, item in value.items()))
    if isinstance(value, slice):
        return ("slice", _value(value.start), _value(value.stop), _value(value.step))
    return ("of", type(value).__qualname__)
