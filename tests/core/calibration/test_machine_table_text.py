"""The table of a calibration as TOML, and in the text of a policy that somebody wrote."""

from __future__ import annotations

import tomllib

import pytest

from pytest_carbon.core.calibration.fit_curve import CalibratedCurve
from pytest_carbon.core.calibration.machine_table_text import machine_table_text, put_machine_table
from pytest_carbon.core.energy.machine_choice import read_configured_machine
from pytest_carbon.core.errors import ConfigError

CURVE = CalibratedCurve(((0.0, 20.5), (0.125, 31.0), (1.0, 68.0)), (0.93, 1.08), ())
BLOCK = machine_table_text("machine", "desk", CURVE, "calibrated on 2026-11-30 against a plug")
POLICY = """# who may spend what
zone = "DE"      # our grid

[budget]  # all of us
per-run = "5 kJ"
"""
OLD = """[machine]
idle-w = 22   # at the socket
full-w = 68
# made by us
pue = 1.1     # the cellar

# ours
[features.shop]
paths = ["shop/**"]
"""


def test_table_is_what_the_policy_takes() -> None:
    """The program reads its own table: points in per cent, the spread, name and source."""
    spec = read_configured_machine(tomllib.loads(BLOCK)["machine"], "carbon.toml: [machine]")
    assert spec.watts == CURVE.watts
    assert (spec.spread, spec.name, spec.source) == (CURVE.spread, "desk", "calibrated on 2026-11-30 against a plug")


@pytest.mark.parametrize(
    "name", ['a "quoted" name', "back\\slash", "new\nline", "\x1b[31mred", "naïve µ", '"""', "\u2028"]
)
def test_names_of_every_kind_are_texts(name: str) -> None:
    """The name of a CPU comes from the kernel, that of a machine from the user; both stay in their quotes."""
    table = tomllib.loads(machine_table_text("machine", name, CURVE, name))["machine"]
    assert set(table) == {"name", "watts", "spread", "source"}
    assert table["name"] == "".join(c if c.isprintable() else " " for c in name)


@pytest.mark.parametrize("policy", ["", "\n", POLICY, POLICY.rstrip("\n"), POLICY.replace("\n", "\r\n")])
def test_new_table_is_added_at_the_end(policy: str) -> None:
    """Every character that was there is still there, in the line ends of the file."""
    made = put_machine_table(policy, "machine", BLOCK, replace=False)
    assert made.startswith(policy)
    assert "\n" not in made.replace("\r\n", "") or "\r\n" not in policy
    assert tomllib.loads(made) == {**tomllib.loads(policy), **tomllib.loads(BLOCK)}


def test_table_of_pyproject_has_its_long_name() -> None:
    """It goes below the other tables of the tool."""
    policy = '[project]\nname = "x"\n[tool.pytest-carbon]\nzone = "DE"\n[tool.other]\na = 1\n'
    header = "tool.pytest-carbon.machine"
    made = put_machine_table(policy, header, machine_table_text(header, "desk", CURVE, "s"), replace=False)
    assert made.startswith(policy)
    assert tomllib.loads(made)["tool"]["pytest-carbon"]["machine"]["name"] == "desk"


def test_old_table_is_not_replaced_unasked() -> None:
    """The message names the way."""
    with pytest.raises(ConfigError, match=r"\[machine\] is there already; give --replace"):
        put_machine_table(OLD, "machine", BLOCK, replace=False)


def test_old_table_keeps_what_is_not_power() -> None:
    """Grams and PUE of the user stay, with their comments; the next table keeps the comment above it."""
    made = put_machine_table(POLICY + "\n" + OLD, "machine", BLOCK, replace=True)
    assert (
        made
        == POLICY + "\n" + BLOCK + "# made by us\npue = 1.1     # the cellar\n\n# ours\n" + OLD.split("# ours\n")[1]
    )


def test_old_curve_over_several_lines_is_replaced() -> None:
    """A line of points is no header of a table."""
    policy = "[machine]\nwatts = [\n  [0, 10],\n  [50, 20],\n  [100, 30]\n]\n[budget]\nper-run = '5 J'\n"
    made = put_machine_table(policy, "machine", BLOCK, replace=True)
    assert made == BLOCK + "[budget]\nper-run = '5 J'\n"


@pytest.mark.parametrize(
    "policy",
    [
        "machine = { idle-w = 1, full-w = 2 }\n",
        "machine.idle-w = 1\nmachine.full-w = 2\n",
        "[machine]\nidle-w = 1\nfull-w = 2\npue = [\n1.2,\n1.1,\n1.4,\n]\n",
        'text = """\n[machine]\n"""\n[machine ]\nidle-w = 1\nfull-w = 2\nname = """\n[a]\n"""\n',
    ],
    ids=["inline", "dotted", "long value", "text that looks like a table"],
)
def test_what_cannot_be_replaced_alone_is_left_to_the_user(policy: str) -> None:
    """The made text is read again: unless only the table has changed, nothing is written."""
    with pytest.raises(ConfigError, match="leave --write out, and put it there by hand"):
        put_machine_table(policy, "machine", BLOCK, replace=True)


def test_mark_at_the_beginning_of_the_file_stays_there() -> None:
    """Some editors write a byte order mark, and every verb reads such a policy."""
    assert put_machine_table("\ufeff" + POLICY, "machine", BLOCK, replace=False).startswith("\ufeff" + POLICY)


def test_broken_policy_is_refused() -> None:
    """It is not made worse."""
    with pytest.raises(ConfigError, match="not valid TOML"):
        put_machine_table("zone = \n", "machine", BLOCK, replace=False)
