"""Owners of files, as CODEOWNERS says."""

from __future__ import annotations

import pytest

from pytest_carbon.core.proposal.code_owners import owners_of, read_code_owners

TEXT = """# who is asked
* @all
*.js @scripts #inline
/docs/ @docs
docs/* @pages
apps/ @apps
/build/logs/ @logs
**/deep @deep
/tests/checkout @org/checkout ann@example.org
/tests/mail ann@example.org
[Section][2] @section
^[Optional] @section
!negated @nobody
/tests/"quoted" @quoted
"""


@pytest.mark.parametrize(
    ("files", "owners"),
    [
        (["a.py"], ("@all",)),
        (["a/b/c.js"], ("@scripts",)),
        (["docs/a.md"], ("@pages",)),
        (["docs/a/b.md"], ("@docs",)),
        (["x/docs/a/b.md"], ("@all",)),
        (["apps/a", "x/apps/a/b"], ("@apps",)),
        (["build/logs/a/b"], ("@logs",)),
        (["a/deep/b", "deep/c"], ("@deep",)),
        (["tests/checkout/test_a.py"], ("@org/checkout",)),
        (["tests/mail/test_a.py"], ()),  # an address cannot be mentioned
        (["tests/checkout/test_a.py", "a.py"], ()),  # not the same
        ([], ()),
    ],
)
def test_last_line_decides(files: list[str], owners: tuple[str, ...]) -> None:
    """Patterns are those of .gitignore; a feature has owners only if all of its files have the same."""
    assert owners_of(files, read_code_owners(TEXT)) == owners


@pytest.mark.parametrize("text", ["", "* \x1b[2J", "x" * 2000 + " @a", '* @a"\n[x]', "\0"])
def test_what_is_no_owner_is_passed_over(text: str) -> None:
    """A strange line gives nobody."""
    assert owners_of(["a.py"], read_code_owners(text)) == ()
