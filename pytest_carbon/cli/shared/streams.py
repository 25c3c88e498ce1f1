"""Standard streams as they are: of few letters, closed, full, or without a reader. None changes an exit code for good.

A letter that a stream lacks is shown in its ASCII form. Who stops reading, as ``head`` does, stops no verb.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.escape import ascii_form

_ASCII_FORMS = "pytest-carbon-ascii-forms"
WRONG = 2
"""The exit code of wrong use, and of input or output that cannot be read or written."""
_MARKUP = ("<?xml", "<!doctype")
_UTF_8 = "utf-8"


def ending(run: Callable[[], int]) -> int:
    """Run a program that writes to the standard streams, and return its exit code once all is written.

    Raises SystemExit with the code if the program does, as the parser does.
    """
    prepare()
    try:
        code = run()
    except SystemExit as end:
        raise SystemExit(finish(int(end.code or 0))) from None
    return finish(code)


def prepare() -> None:
    """Make every letter printable, and put the null device into the place of streams that are closed.

    Otherwise the next file that is opened would become standard output. A command that we start finds the stream
    closed, as it was.
    """
    codecs.register_error(_ASCII_FORMS, _replace)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR | getattr(os, "O_CLOEXEC", 0)), mode))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ASCII_FORMS)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return ascii_form(error.object[error.start : error.end]), error.end


def write(stream: TextIO, text: str, *, flush: bool = False) -> None:
    """Write a text. That nobody reads the stream any more is no fault, so that the verb goes on.

    Raises ReportError if standard output cannot take the text, such as a file on a full disk.
    """
    if text[:9].casefold().startswith(_MARKUP) and not _is_utf_8(stream):  # the document says that it is UTF-8
        text = text.encode("ascii", "xmlcharrefreplace").decode("ascii")
    with writing(stream):
        stream.write(text)
        if flush:
            stream.flush()


@contextmanager
def writing(stream: TextIO) -> Iterator[None]:
    """End the block, and nothing else, if nobody reads the stream any more. Raises ReportError as ``write`` does."""
    try:
        yield
    except BrokenPipeError:
        pass
    except OSError as error:
        if stream is sys.stdout:
            raise ReportError(_not_written(error)) from error


def _not_written(error: OSError) -> str:
    return f"standard output could not be written ({error.strerror}); write to another file or disk"


def _is_utf_8(stream: TextIO) -> bool:
    encoding = getattr(stream, "encoding", None)
    return encoding is None or codecs.lookup(encoding).name == _UTF_8


def finish(code: int) -> int:
    """Write what the streams still hold, and return the exit code: 2 instead of 0 if standard output was not written.

    A reader that ended early is no fault.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            _point_to_nothing(stream)
        except OSError as error:
            _point_to_nothing(stream)
            if stream is sys.stdout:
                if code != WRONG:
                    write(sys.stderr, f"pytest-carbon: {_not_written(error)}\n")
                code = code or WRONG
    return code


def _point_to_nothing(stream: TextIO) -> None:
    """Let what a stream still holds, which Python writes at its end, go nowhere."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
