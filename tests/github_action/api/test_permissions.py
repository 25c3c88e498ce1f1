"""The permission that each call needs, held against what the fake's operations ask for."""

from __future__ import annotations

import re

import pytest

from github_action.api.permissions import needed_permission
from tests.github_action.fake import rest
from tests.github_action.fake.openapi import github


@pytest.mark.parametrize("name", sorted(rest.operations()))
def test_advice_fits_the_call_that_failed(name: str) -> None:
    """Of every operation the permission is named that it needs, and reading is never told to ask for more."""
    operation, needs = github().operation(name), rest.needs(name)
    named = needed_permission(operation.verb, re.sub(r"\{\w+\}", "7", operation.template).strip("/"))
    assert set(named.replace("for an issue ", "").split(", ")) <= (needs or {""})


def test_permission_of_what_every_token_may_read() -> None:
    """Nothing is asked for where no permission helps."""
    assert needed_permission("GET", "user") == needed_permission("GET", "repos/o/r/collaborators/ann/permission") == ""
