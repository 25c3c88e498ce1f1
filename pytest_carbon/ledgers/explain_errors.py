"""Explains what went wrong with a ledger in files or on a branch: which ledger it was, the cause and the next step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.git.remote_access import explain_refusal
from pytest_carbon.git.run_git import GitError


@contextmanager
def explain_errors(where: str, error_class: type[LedgerError] = LedgerError) -> Iterator[None]:
    """Turn errors of git, of files and of records into an ``error_class`` that begins with ``where``."""
    try:
        yield
    except GitError as error:
        raise error_class(f"{where}: {explain_refusal(error)}") from error
    except OSError as error:
        raise error_class(
            f"{where}: {error.filename} cannot be used ({error.strerror}); check its permissions and the free space"
        ) from error
    except LedgerError as error:
        raise error_class(f"{where}: {error}") from error
