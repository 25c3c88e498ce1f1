"""Every error of a ledger says which ledger it was, the cause and the next step."""

from __future__ import annotations

import errno

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.git.run_git import GitError
from pytest_carbon.ledgers.explain_errors import explain_errors
from pytest_carbon.ledgers.transfer.sources import SourceError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (LedgerError("it is damaged"), "branch b: it is damaged"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/srv/x"),
            "branch b: /srv/x cannot be used (Permission denied); check its permissions and the free space",
        ),
        (
            GitError("git push failed", "Could not resolve host: h", "push"),
            "branch b: the remote cannot be reached; check its address with git remote -v, "
            "and whether this account may read it. git push failed",
        ),
    ],
)
def test_error_names_the_ledger_and_keeps_its_cause(error: Exception, text: str) -> None:
    """The error is of the class that was asked for."""
    for error_class in (LedgerError, SourceError):
        with pytest.raises(LedgerError) as caught, explain_errors("branch b", error_class):
            raise error
        assert (type(caught.value), str(caught.value), caught.value.__cause__) == (error_class, text, error)


def test_other_errors_are_not_explained() -> None:
    """They are faults of our code, and pass through unchanged."""
    with pytest.raises(ValueError, match=r"^ours$"), explain_errors("branch b"):
        raise ValueError("ours")
