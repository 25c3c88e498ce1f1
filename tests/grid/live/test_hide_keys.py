"""Keys are hidden in whichever way an answer writes them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.grid.live.hide_keys import hide_keys


@pytest.mark.parametrize(
    ("text", "keys", "shown"),
    [
        (b"the key Xq7-9 is wrong", ["Xq7-9"], b"the key *** is wrong"),
        (b"the key xQ7-9 is wrong", ["Xq7-9"], b"the key *** is wrong"),
        (b"?user=a%40b&key=X%2f7", ["a@b", "X/7"], b"?user=***&key=***"),
        (b'{"key": "X\\"7"}', ['X"7'], b'{"key": "***"}'),
        (b"X&amp;7", ["X&7"], b"***"),
        (b"Basic WHE3LTk=", ["Xq7-9"], b"Basic ***="),
        (b"ab abc", ["ab", "abc"], b"*** ***"),
        (b"nothing", [], b"nothing"),
        (b"nothing", [""], b"nothing"),
        (b"\xff Xq7-9 \xff", ["Xq7-9"], b"\xff *** \xff"),
    ],
)
def test_forms(text: bytes, keys: list[str], shown: bytes) -> None:
    """The longest form that fits is hidden; the rest stays, byte for byte."""
    assert hide_keys(text, keys) == shown


@settings(deadline=None)
@given(
    st.text(min_size=1, max_size=30).filter(lambda key: "*" not in key), st.binary(max_size=20), st.binary(max_size=20)
)
def test_no_key_stays(key: str, before: bytes, after: bytes) -> None:
    """Whatever stands around a key, the key is hidden."""
    written = key.encode(errors="replace")
    assert written not in hide_keys(before + written + after, [key])
