"""Tables behind a policy, and its zone."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.proposal.change_policy import append_tables, fill_in_zone

TABLES = '[features.pay]\npaths = ["tests/pay/**"]\n'


@pytest.mark.parametrize(
    ("policy", "made"),
    [
        ("", TABLES),
        ("\n", f"\n{TABLES}"),
        ('zone = "DE"\n', f'zone = "DE"\n\n{TABLES}'),
        ('zone = "DE"  # the end', f'zone = "DE"  # the end\n\n{TABLES}'),
        ('\ufeffzone = "DE"\n', f'\ufeffzone = "DE"\n\n{TABLES}'),
        ('zone = "DE"\r\n', f'zone = "DE"\r\n\r\n{TABLES}'.replace("\r", "").replace("\n", "\r\n")),
        ("[features.a]\nweight = 2\n", f"[features.a]\nweight = 2\n\n{TABLES}"),
        ("[features]\na = { weight = 2 }\n", f"[features]\na = {{ weight = 2 }}\n\n{TABLES}"),
        ("features = { a = { weight = 2 } }\n", None),
        ("[features.pay]\nweight = 2\n", None),
        ("[[features]]\n[x]\n", None),
    ],
)
def test_tables_stand_behind(policy: str, made: str | None) -> None:
    """Line ends and byte order mark are the policy's; where nothing can be added, nothing is made."""
    assert append_tables(policy, TABLES) == made


KEYS = st.sampled_from(["zone", "features", "pay", "a"])
LINES = st.one_of(
    st.builds("[{}]".format, KEYS), st.builds("[{}.{}]".format, KEYS, KEYS), st.builds("[[{}]]".format, KEYS),
    st.builds("{} = 1".format, KEYS), st.builds("{} = {{ x = 1 }}".format, KEYS), st.just("# a comment"), st.just(""),
)  # fmt: skip


@given(st.lists(LINES, max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_not_a_byte_of_what_is_there_changes(lines: list[str], newline: str, ends: bool) -> None:
    """The new text begins with the old one, and says the same and more."""
    policy = newline.join(lines) + (newline if ends else "")
    made = append_tables(policy, TABLES)
    if made is not None:
        assert made.startswith(policy)
        assert tomllib.loads(made)["features"]["pay"] == {"paths": ["tests/pay/**"]}


@pytest.mark.parametrize(
    ("policy", "filled"),
    [
        ('# zone = "..."\ntop = 3\n', 'zone = "DE"\ntop = 3\n'),
        ('# a\r\n# zone = "..."\r\n', '# a\r\nzone = "DE"\r\n'),
        ('# zone = "..."', 'zone = "DE"'),
        ('# zone = "DE"\n', None),
        ('top = """\n  # zone = "..."\n"""', None),
        ('[budget]\n# zone = "..."\n', None),
        ('a = """\n# zone = "..."\n"""\n', None),
        ('zone = "FR"\n# zone = "..."\n', None),
        ("", None),
    ],
)
def test_zone_is_filled_in_where_a_line_was_left_for_it(policy: str, filled: str | None) -> None:
    """Only our own line is replaced, and nothing else changes."""
    assert fill_in_zone(policy, "DE") == filled
