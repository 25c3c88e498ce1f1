"""Which changes are of documentation alone."""

from __future__ import annotations

import pytest

from pytest_carbon.core.records.entry_details.documentation import touches_only_documentation


@pytest.mark.parametrize(
    ("paths", "only"),
    [
        ([], None),
        (["README.md", "docs/guide/how.rst", "docs/img/a.PNG", "LICENSE", "CHANGES.txt"], True),
        (["README.md", "src/shop.py"], False),
        (["docs/conf.py"], False),
        (["docs/requirements.txt"], False),
        (["src/logo.svg"], False),
        (["tests/data/readme.json"], False),
        ([".github/workflows/docs.yml"], False),
        (["license.py"], False),
        (["tests/data/expected.md"], False),
        (["src/shop/templates/mail.rst"], False),
        (["tests/docs/case.md"], False),
    ],
)
def test_names_decide(paths: list[str], only: bool | None) -> None:
    """In doubt a file is no documentation; nothing is known of no file."""
    assert touches_only_documentation(paths) is only
