"""Texts in the letters of the stream that pytest will write them to.

Of a text with a letter that the stream lacks, pytest escapes everything, also the line ends.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest

from pytest_carbon.core.escape import in_letters_of, terminal_lines


def for_stream(stream: Any, text: str) -> str:
    """Return the text with the ASCII form of each letter that the stream cannot write."""
    return in_letters_of(getattr(stream, "encoding", None), text)


def failure_text(message: str) -> str:
    """Return the lines of a test's failure, which pytest writes to standard output."""
    return for_stream(sys.__stdout__, terminal_lines(message, bar=""))


def usage_error(message: str) -> pytest.UsageError:
    """Return the error that ends a session for a mistake of the user; pytest writes it to standard error."""
    return pytest.UsageError(for_stream(sys.__stderr__, terminal_lines(message)))
