"""A digest of a test function's code, to recognise the same test under another name."""

from __future__ import annotations

import hashlib
import opcode
from collections.abc import Iterator
from functools import partial
from types import CodeType, MethodType
from typing import Any

_CONST = frozenset(opcode.hasconst)
_EXTENDED_ARG = opcode.opmap["EXTENDED_ARG"]
_STORE_NAME = opcode.opmap["STORE_NAME"]
_CLASS_ATTRIBUTES = ("__qualname__", "__firstlineno__", "__static_attributes__")
_SHAPE_FLAGS = 0x3FF  # arguments and kind of function; the higher flags are of docstrings and __future__
_PLAIN_TYPES = (type(None), bool, int, float, complex, str, bytes, type(...))
_MOST_WRAPPERS = 50


def code_digest(function: object) -> str | None:
    """Return 12 hex digits that are equal for functions with equal bodies; None for an object without Python code.

    Name, file, line numbers and docstring do not count; arguments, their defaults and inner functions do. The digest
    of a function decorated by ``functools.wraps`` is that of the wrapped function. Digests of two versions of Python
    differ.
    """
    inner = _innermost(function)
    code = getattr(inner, "__code__", None)
    if not isinstance(code, CodeType):
        return None
    defaults = (getattr(inner, "__defaults__", None), getattr(inner, "__kwdefaults__", None))
    text = repr((_code_parts(code), [_stable_value(default) for default in defaults]))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:12]


def _innermost(function: object) -> object:
    """Return the function inside methods, partials, wrappers and Hypothesis.

    Stop after 50 steps: wrappers may form a circle.
    """
    for _ in range(_MOST_WRAPPERS):
        if isinstance(function, MethodType):
            function = function.__func__
        elif isinstance(function, partial):
            function = function.func
        else:
            hypothesis = getattr(function, "hypothesis", None)
            inner = getattr(hypothesis, "inner_test", None) or getattr(function, "__wrapped__", None)
            if inner is None:
                break
            function = inner
    return function


def _code_parts(code: CodeType) -> tuple[Any, ...]:
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
        *_bytecode(code),
    )


def _bytecode(code: CodeType) -> Iterator[Any]:
    """Yield the bytecode, with each constant where it is loaded. Nothing loads a docstring, so it is left out.

    The bytecode that stores a class's own name or line number in the class is left out, too.
    """
    raw, consts, names = code.co_code, code.co_consts, code.co_names
    is_class = "__qualname__" in names
    since = begin = high_bits = 0
    for at in range(0, len(raw), 2):
        instruction = raw[at]
        begin = begin if high_bits else at
        if instruction == _EXTENDED_ARG:
            high_bits = (high_bits | raw[at + 1]) << 8
            continue
        if is_class and raw[at + 2 : at + 3] == bytes((_STORE_NAME,)) and names[raw[at + 3]] in _CLASS_ATTRIBUTES:
            yield raw[since:begin]
            since = at + 2
        elif instruction in _CONST:
            yield raw[since:begin]
            yield instruction
            yield _stable_value(consts[high_bits | raw[at + 1]])
            since = at + 2
        high_bits = 0
    yield raw[since:]


def _stable_value(value: object) -> Any:
    """Return a value whose repr is the same in every process, and differs for different plain values."""
    if isinstance(value, _PLAIN_TYPES):
        return value
    if isinstance(value, CodeType):
        return _code_parts(value)
    if isinstance(value, tuple):
        return ("tuple", *map(_stable_value, value))
    if isinstance(value, frozenset):
        return ("frozenset", *sorted(repr(_stable_value(item)) for item in value))
    if isinstance(value, dict):
        return ("dict", *((name, _stable_value(item)) for name, item in value.items()))
    if isinstance(value, slice):
        return ("slice", _stable_value(value.start), _stable_value(value.stop), _stable_value(value.step))
    return ("of", type(value).__qualname__)
