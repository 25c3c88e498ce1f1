"""The choice of a machine's power curve, and the figures of a user's configuration."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.energy.machine_choice import (
    GIVEN_ENDS_SPREAD,
    MEASURED_SPREAD,
    choose_machine,
    read_configured_machine,
    usual_curve,
)
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.model import MachineFacts, Range

LAW = settings(max_examples=200, deadline=None)
FACTS = MachineFacts("Some CPU 3000", 4, True, "Maker", "")


def test_usual_shape_rises_steeply_first() -> None:
    """The ends are idle and full power; the first per cent of utilisation cost more than the last."""
    curve = dict(usual_curve(10.0, 110.0))
    assert (curve[0.0], curve[1.0]) == (10.0, 110.0)
    assert 20.0 < curve[0.1] < curve[0.3] < curve[0.5] < curve[0.7] < 110.0
    assert curve[0.5] > 60.0


def test_idle_and_full_watts_are_enough() -> None:
    """Idle and full watts make a machine with the usual shape, a PUE of 1 and the default embodied grams."""
    spec = read_configured_machine({"idle-w": 20, "full-w": 120.0}, "carbon.toml: machine")
    assert (spec.watts[0], spec.watts[-1]) == ((0.0, 20.0), (1.0, 120.0))
    assert (spec.pue, spec.embodied_g_per_h) == (Range(1.0, 1.0, 1.0), Range(12.7, 4.9, 32.9))
    assert (spec.spread, spec.scales_with_frequency) == (GIVEN_ENDS_SPREAD, True)
    assert (spec.name, spec.why) == ("the machine of your configuration", "set in carbon.toml: machine")


def test_every_setting_is_used() -> None:
    """A measured curve, ranges, a name and a source are used unchanged."""
    table = {
        "name": "build box", "watts": [[0, 5.0], [50, 20], [100, 30.0]], "spread": [0.9, 1.1], "pue": 1.2,
        "embodied-g-per-h": [2.0, 1.0, 4.0], "source": "our meter",
    }  # fmt: skip
    spec = read_configured_machine(table, "machine")
    assert (spec.name, spec.source) == ("build box", "our meter")
    assert spec.watts == ((0.0, 5.0), (0.5, 20.0), (1.0, 30.0))
    assert (spec.spread, spec.pue, spec.embodied_g_per_h) == ((0.9, 1.1), Range(1.2, 1.2, 1.2), Range(2.0, 1.0, 4.0))
    assert spec.scales_with_frequency is False


def test_a_curve_without_a_range_has_that_of_any_load() -> None:
    """A curve that was measured with a few busy CPUs is off where all are busy for a part of the time."""
    spec = read_configured_machine({"watts": [[0, 5.0], [100, 30.0]]}, "machine")
    assert spec.spread == MEASURED_SPREAD


GOOD: dict[str, Any] = {"idle-w": 20, "full-w": 65}


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        pytest.param([1], "m is [1]; it must be a table", id="no table"),
        pytest.param({}, "m has no power; set idle-w and full-w, or watts", id="empty"),
        pytest.param({**GOOD, "idel-w": 1}, "m: unknown key 'idel-w'; did you mean \"idle-w\"?", id="misspelt"),
        pytest.param({"idle-w": 5}, "m: full-w is missing; both idle-w and full-w are needed", id="no full"),
        pytest.param({"full-w": 5}, "m: idle-w is missing; both idle-w and full-w are needed", id="no idle"),
        pytest.param({"idle-w": 65, "full-w": 20}, "full-w (20) must be above idle-w (65)", id="reversed"),
        pytest.param({"idle-w": 20, "full-w": 20}, "full-w (20) must be above idle-w (20)", id="flat"),
        pytest.param({**GOOD, "idle-w": "20 W"}, "idle-w is '20 W'; it must be a number", id="text"),
        pytest.param({**GOOD, "idle-w": True}, "idle-w is True; it must be a number", id="truth"),
        pytest.param({**GOOD, "idle-w": -1}, "idle-w is -1; it must be a number", id="negative"),
        pytest.param({**GOOD, "full-w": math.inf}, "full-w is inf; it must be a number", id="infinite"),
        pytest.param({**GOOD, "idle-w": math.nan}, "idle-w is nan; it must be a number", id="not a number"),
        pytest.param({**GOOD, "full-w": 10**400}, "it must be a number", id="too large for a float"),
        pytest.param({**GOOD, "spread": 1.0}, "m: spread is 1.0; it must be 2 numbers", id="spread number"),
        pytest.param({**GOOD, "spread": "ab"}, "m: spread is 'ab'; it must be 2 numbers", id="spread text"),
        pytest.param({**GOOD, "spread": [1.1, 2.0]}, "it must be factors around 1", id="spread above 1"),
        pytest.param({**GOOD, "spread": [0, 10**400]}, "it must be 2 numbers", id="spread too large"),
        pytest.param({**GOOD, "pue": [1.5, 1.0, 1.2]}, "it must be [central, low, high]", id="range disordered"),
        pytest.param({**GOOD, "pue": 0.9}, "m: pue is 0.9; it must be at least 1", id="pue below 1"),
        pytest.param({**GOOD, "pue": [1.5, 1.0]}, "m: pue is [1.5, 1.0]; it must be 3 numbers", id="range short"),
        pytest.param({**GOOD, "embodied-g-per-h": "much"}, "is 'much'; it must be a number", id="embodied text"),
        pytest.param({"watts": 20}, "watts is 20; it must be at least two points", id="watts number"),
        pytest.param({"watts": [[0, 5]]}, "it must be at least two points", id="one point"),
        pytest.param({"watts": [[0, 5], 7]}, "m: watts is 7; it must be 2 numbers", id="point number"),
        pytest.param({"watts": [[0, 5], [90, 7]]}, "must rise from 0 to 100 per cent", id="not to 100"),
        pytest.param({"watts": [[0, 5], [50, 6], [50, 7], [100, 9]]}, "in order", id="twice the same"),
        pytest.param({"watts": [[0, 50], [100, 5]]}, "m: watts must not fall as utilisation rises", id="falling"),
        pytest.param(
            {**GOOD, "watts": [[0, 5], [100, 9]]},
            "m has both watts and idle-w or full-w; keep only one",
            id="two curves at once",
        ),
    ],
)
def test_wrong_figures_are_refused(table: Any, complaint: str) -> None:
    """The error names the key, its value and what the value must be."""
    with pytest.raises(ConfigError) as caught:
        read_configured_machine(table, "m")
    assert complaint in str(caught.value)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 300), st.floats(), st.text(max_size=3), st.just(10**400),
    st.lists(st.one_of(st.integers(-1, 100), st.floats(0, 100)), max_size=4),
    st.lists(st.lists(st.integers(-1, 100), min_size=1, max_size=3), max_size=4),
)  # fmt: skip
KEYS = ["name", "watts", "idle-w", "full-w", "spread", "pue", "embodied-g-per-h", "source", "other"]


@LAW
@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_any_table_is_a_sound_machine_or_an_error(table: dict[str, Any]) -> None:
    """An accepted table has a curve from 0 to 1, finite watts and ordered ranges."""
    try:
        spec = read_configured_machine(table, "m")
    except ConfigError:
        return
    assert [spec.watts[0][0], spec.watts[-1][0]] == [0.0, 1.0]
    assert all(math.isfinite(w) and w >= 0 for _, w in spec.watts)
    assert spec.spread[0] <= 1.0 <= spec.spread[1]
    for figure in (spec.pue, spec.embodied_g_per_h):
        assert 0 <= figure.low <= figure.central <= figure.high


def _entry(name: str, **match: Any) -> dict[str, Any]:
    return {
        "name": name, "match": match, "idle-w-per-vcpu": 1.0, "full-w-per-vcpu": 3.0, "spread": [0.5, 2.0],
        "pue": [1.2, 1.0, 1.5], "embodied-g-per-h-per-vcpu": [0.5, 0.25, 1.0], "source": "by hand",
    }  # fmt: skip


TABLE = [
    _entry("hosted", runner="github-hosted", cpu="cpu 3000", vcpus=4),
    _entry("named", virtual=True, cpu="CPU 3[0-9]{3}"),
    _entry("vendor", vendor="^goo"),
    _entry("bare", virtual=False),
    _entry("any"),
]


@pytest.mark.parametrize(
    ("facts", "name", "why"),
    [
        (MachineFacts("Some CPU 3000", 4, True, "Maker", "github-hosted"), "hosted",
         "the runner is github-hosted, the CPU is called 'Some CPU 3000', it has 4 vCPUs"),
        (MachineFacts("Some CPU 3000", 8, True, "Maker", "github-hosted"), "named",
         "the CPU is called 'Some CPU 3000', it is a virtual machine"),
        (MachineFacts("Some CPU 3000", 4, None, "Google", ""), "vendor", "its maker says 'Google'"),
        (MachineFacts("Some CPU 3000", 4, False, "Maker", ""), "bare", "it is no virtual machine"),
        (MachineFacts("Other", 4, None, "Maker", ""), "any", "nothing in the table knows this machine better"),
    ],
)  # fmt: skip
def test_first_entry_that_fits_is_taken(facts: MachineFacts, name: str, why: str) -> None:
    """All conditions of an entry must hold, and ``why`` gives them in words."""
    spec = choose_machine(facts, TABLE)
    assert (spec.name, spec.why) == (name, why)


def test_figures_per_vcpu_are_multiplied() -> None:
    """Watts and embodied grams per vCPU are multiplied by the machine's number of vCPUs."""
    spec = choose_machine(FACTS, [_entry("any")])
    assert (spec.watts[0][1], spec.watts[-1][1]) == (4.0, 12.0)
    assert spec.embodied_g_per_h == Range(2.0, 1.0, 4.0)
    points = {**_entry("points"), "watts-per-vcpu": [[0, 0.5], [100, 2.0]]}
    del points["idle-w-per-vcpu"], points["full-w-per-vcpu"]
    assert choose_machine(FACTS, [points]).watts == ((0.0, 2.0), (1.0, 8.0))


def test_machine_without_a_matching_entry_is_an_error() -> None:
    """A table without an entry for the machine raises an error instead of a guess."""
    with pytest.raises(ConfigError, match="no entry for this machine; its last entry must match every machine"):
        choose_machine(FACTS, [_entry("bare", virtual=False)])
