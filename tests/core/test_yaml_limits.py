"""Limits for YAML files from strangers."""

from __future__ import annotations

import pytest
import yaml

from pytest_carbon.core.yaml_limits import MAX_LEVELS, MAX_VALUES, check_yaml_limits

BOMB = (
    "a: &a ["
    + ", ".join(["x"] * 10)
    + "]\n"
    + "".join(
        f"{name}: &{name} [{', '.join([f'*{inner}'] * 10)}]\n" for inner, name in zip("abcd", "bcde", strict=True)
    )
)
"""Five lists of ten, each of the list before it: 111,110 values in the last one."""


def _check(text: str) -> None:
    check_yaml_limits(yaml.parse(text, Loader=yaml.SafeLoader))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("on: push\njobs: {}\n", id="plain"),
        pytest.param("a: &x 1\nb: *x\nc: *x\n", id="scalar alias"),
        pytest.param("a: &x [1, 2]\nb: [*x, *x]\n", id="list alias"),
        pytest.param("a: &x 1\nb: &x 2\nc: *x\n", id="anchor defined twice"),
        pytest.param("[" * MAX_LEVELS + "]" * MAX_LEVELS, id="just as deep as allowed"),
        pytest.param("[" + "x," * (MAX_VALUES - 1) + "]", id="just as large as allowed"),
    ],
)
def test_harmless_document_is_accepted(text: str) -> None:
    """A document within both limits raises no error."""
    _check(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[" * (MAX_LEVELS + 1), "it is nested more than 50 levels deep", id="too deep"),
        pytest.param("- " * (MAX_LEVELS + 1), "it is nested more than 50 levels deep", id="too deep in one line"),
        pytest.param("[" + "x," * MAX_VALUES + "]", "it has more than 100,000 values", id="too large"),
        pytest.param(BOMB, "it has more than 100,000 values with its aliases expanded", id="bomb of aliases"),
        pytest.param("a: *x\nb: &x 1\n", "the alias 'x' has no anchor before it", id="alias before its anchor"),
        pytest.param("a: &x [*x]\n", "or refers to a value that contains it", id="list that contains itself"),
        pytest.param("a: &x {b: {c: *x}}\n", "the alias 'x' has no anchor", id="mapping that contains itself"),
        pytest.param(f"a: *{'x' * 99}", f"the alias '{'x' * 50}' has", id="long name is shortened"),
    ],
)
def test_harmful_document_is_refused(text: str, message: str) -> None:
    """A document that is too deep, too large when expanded, or recursive raises ValueError with the reason."""
    with pytest.raises(ValueError, match=r"it |the alias") as caught:
        _check(text)
    assert message in str(caught.value)


def test_reading_stops_at_the_first_excess() -> None:
    """Events after the excess are not read, so a harmful document costs little."""
    read = []

    def events() -> object:
        for event in yaml.parse("[" * 100_000, Loader=yaml.SafeLoader):
            read.append(event)
            yield event

    with pytest.raises(ValueError, match="levels deep"):
        check_yaml_limits(events())  # type: ignore[arg-type]
    assert len(read) < MAX_LEVELS + 10
