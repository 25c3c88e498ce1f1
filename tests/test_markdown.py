"""A verdict as Markdown: whole documents, as they stand in a pull request."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.model import Range
from pytest_carbon.core.verdict import Base, BudgetStanding, Check, Growth, Judged, TestChange, Todo, Verdict
from pytest_carbon.reporters.markdown import SYMBOLS, render

DAY_S = 86_400.0
STANDING = BudgetStanding(
    kind="mass", window="28d", limit=120.0, debt=0.0, consumed=50.4, remaining=69.6, used=0.42, state="ok", runs=41,
    unknown_runs=0, burn=(), exhausted_in_s=None, p10=None, p50=None, p90=None, sunk=0.0, recurring=None, cause="",
)  # fmt: skip
SAME = Growth(
    state="no change", stage="screen", change=0.018, low=-0.03, high=0.07, smallest=0.09, allowed=0.05, coverage=0.88,
    tests=52, base_j=1.84, head_j=1.87, new_tests=0, gone_tests=0, changed_tests=0, new_j=0.0, gone_j=0.0,
    changed_j=0.0, per_run_j=None, why="",
)  # fmt: skip
COSTLIER = replace(
    SAME, state="costlier", stage="confirm", change=0.082, low=0.057, high=0.107, smallest=0.05, new_tests=2,
    new_j=0.12, gone_tests=1, gone_j=0.03,
)  # fmt: skip
UNKNOWN = replace(
    SAME, state="could not tell", change=None, low=None, high=None, smallest=0.24, coverage=0.29,
    why="the machine was slowed during 71 % of these tests",
)  # fmt: skip
NO_BASE = replace(UNKNOWN, state="no base", smallest=None, coverage=0.0, tests=0, why="")
CHECKOUT = Judged(
    name="checkout", level="feature", state="pass", checks=(Check("budget", "pass", "fine"),), tests=52, energy_j=9.0,
    reference_j=5.0, emissions_g=Range(1.23, 0.81, 1.9), standing=STANDING, growth=SAME,
    trend=(1.0, 1.2, 1.1, 1.5, 1.9),
    owners=(),
)  # fmt: skip
BASE = Base("main", "fedcba9876543210", 10, 3 * DAY_S, "its last runs on such a machine")
FINE = Verdict(
    state="pass", sentence="The budget of checkout is kept, and its tests are no costlier than on main.", todo=(),
    judged=(CHECKOUT,), tests=(), run="run-1", commit="0123456789abcdef", base=BASE, energy_j=Range(100.0, 80.0, 150.0),
    emissions_g=Range(11.0, 9.0, 16.0), reference_j=50.0, method="modelled from utilisation",
    machine="GitHub runner (EPYC 7763, 4 CPUs)", clean_share=0.44, grid="DE, 381 g/kWh (Ember, 2024)",
    policy="carbon.toml at main", notes=(), fingerprint={"python": "3.11", "os": "linux"},
)  # fmt: skip
OVER = replace(STANDING, consumed=131.0, remaining=-11.0, used=131 / 120, state="exhausted", exhausted_in_s=0.0)
OVER_TEXT = "feature checkout has used 131 g of 120 g in 28d"
COSTLIER_TEXT = "feature checkout is 8.2 % costlier than main, over the 5 % that is allowed"
SLOWED_TEXT = "feature checkout could not be compared: the machine was slowed during 71 % of its tests"


def _one(state: str, sentence: str, **judged: object) -> Verdict:
    """Return a verdict whose only feature has this state."""
    checks = judged.pop("checks", (Check("budget", state, sentence),))  # type: ignore[arg-type]
    feature = replace(CHECKOUT, state=state, checks=checks, **judged)  # type: ignore[arg-type]
    return replace(FINE, state=state, sentence=f"{sentence}.", judged=(feature,))  # type: ignore[arg-type]


SEARCH = replace(CHECKOUT, name="search_v2", standing=replace(STANDING, used=0.8, state="at risk"), trend=())
REPOSITORY = replace(CHECKOUT, name="all", level="repository", standing=None, growth=None)
PAYMENTS = replace(CHECKOUT, name="payments", level="team", emissions_g=None, growth=None, trend=(1.0, 1.0))
CASES = {
    "fine": FINE,
    "over budget, warning": replace(
        _one("warn", OVER_TEXT, standing=OVER),
        todo=(Todo("ask for a larger budget"), Todo("run tests/test_pay.py on changes of shop/ only", 12.3)),
    ),
    "exhausted": _one("fail", OVER_TEXT, standing=OVER),
    "costlier, confirmed": replace(
        _one("fail", COSTLIER_TEXT, growth=COSTLIER, checks=(Check("growth", "fail", COSTLIER_TEXT),)),
        todo=(Todo("make tests/test_pay.py::test_cart cheaper: it takes 400 mJ ref more than on main"),),
        tests=(
            TestChange("tests/test_pay.py::test_cart[a|b]", "same", 1.0, 1.4, 0.4, "checkout"),
            TestChange("tests/test_pay.py::test_new", "new", None, 0.12, None, "checkout"),
            TestChange("tests/test_pay.py::test_old", "gone", 0.03, None, None, "checkout"),
            TestChange("tests/t.py::test_b", "renamed", 0.2, 0.2, 0.0, None, "tests/t.py::test_a"),
            TestChange("tests/t.py::test_same", "same", 0.2, 0.2, 0.0, None),
        ),
    ),
    "cheaper": replace(
        _one("pass", "x", growth=replace(SAME, state="cheaper", change=-0.31, low=-0.35, high=-0.27)),
        sentence="The tests of checkout are 31 % cheaper than on main.",
    ),
    "inconclusive": replace(
        _one("inconclusive", SLOWED_TEXT, growth=UNKNOWN, checks=(Check("growth", "inconclusive", SLOWED_TEXT),)),
        notes=("3 runs of the window could not be read.",),
    ),
    "no base yet": replace(FINE, base=None, judged=(replace(CHECKOUT, growth=NO_BASE, trend=()),)),
    "nothing measured": replace(
        FINE, state="not-measured", sentence="No report was found, so nothing was judged.", judged=(), base=None,
        energy_j=None, emissions_g=None, reference_j=0.0, todo=(Todo("run pytest --carbon in this job"),),
    ),
    "several": replace(
        _one("fail", OVER_TEXT, standing=OVER),
        judged=(
            SEARCH, PAYMENTS,
            replace(CHECKOUT, state="fail", standing=OVER, checks=(Check("budget", "fail", OVER_TEXT),)),
            REPOSITORY,
        ),
    ),
    "overridden": replace(
        _one("overridden", f"{OVER_TEXT}, allowed by @lead until 2026-03-01 (#12)", standing=OVER),
        todo=(Todo("pay the debt of 11 g back in the next window"),),
    ),
}  # fmt: skip
ON_MAIN = "main at fedcba9876, 10 runs, 3 days old: its last runs on such a machine"
NO_RUNS = "none yet, so nothing was compared"


def _about(
    base: str = ON_MAIN,
    used: str = "- run: 100 J (80 J … 150 J), 11 g CO2e (9 g … 16 g), 50 J ref\n",
    unknown: str = "",
) -> str:
    """Return the end of a document, which is nearly the same in all."""
    return f"""\
<details>
<summary>Environment and method</summary>

{used}- base: {base}
- policy: carbon.toml at main
- machine: GitHub runner (EPYC 7763, 4 CPUs), near its full speed 44 % of the time
- grid: DE, 381 g/kWh (Ember, 2024)
- method: modelled from utilisation
- os: linux
- python: 3.11

</details>
{unknown}
Head: `0123456789`. Base: {base}. Policy: carbon.toml at main. Run: `run-1`.
"""


NOT_KNOWN = """
<details>
<summary>What is not known</summary>

- 3 runs of the window could not be read.

</details>
"""
EXPECTED = {
    "fine": """\
### ✅ Carbon budget: fine

The budget of checkout is kept, and its tests are no costlier than on main.

| Feature | State | This run | Budget used | Change | Trend |
| --- | --- | --- | --- | --- | --- |
| checkout | ✅ fine | 1.2 g (810 mg … 1.9 g) | 42 % of 120 g in 28d | +1.8 % (-3 … +7) | ▅▅▅▇█ |

<details>
<summary>Comparison with the base</summary>

- checkout: no change, +1.8 % (-3 … +7); a change of 9 % or more would be seen; 52 tests compared, 88 % of the cost

</details>

"""
    + _about(),
    "over budget, warning": """\
### ⚠️ Carbon budget: warning

feature checkout has used 131 g of 120 g in 28d.

**What to do**

1. run tests/test\\_pay.py on changes of shop/ only (saves about 12 g a window)
2. ask for a larger budget

| Feature | State | This run | Budget used | Change | Trend |
| --- | --- | --- | --- | --- | --- |
| checkout | ⚠️ warning | 1.2 g (810 mg … 1.9 g) | 109 % of 120 g in 28d, exhausted | +1.8 % (-3 … +7) | ▅▅▅▇█ |

<details>
<summary>Reasons</summary>

- warning: feature checkout has used 131 g of 120 g in 28d

</details>

<details>
<summary>Comparison with the base</summary>

- checkout: no change, +1.8 % (-3 … +7); a change of 9 % or more would be seen; 52 tests compared, 88 % of the cost

</details>

"""
    + _about(),
    "exhausted": """\
### ❌ Carbon budget: failed

feature checkout has used 131 g of 120 g in 28d.

| Feature | State | This run | Budget used | Change | Trend |
| --- | --- | --- | --- | --- | --- |
| checkout | ❌ failed | 1.2 g (810 mg … 1.9 g) | 109 % of 120 g in 28d, exhausted | +1.8 % (-3 … +7) | ▅▅▅▇█ |

<details>
<summary>Reasons</summary>

- failed: feature checkout has used 131 g of 120 g in 28d

</details>

<details>
<summary>Comparison with the base</summary>

- checkout: no change, +1.8 % (-3 … +7); a change of 9 % or more would be seen; 52 tests compared, 88 % of the cost

</details>

"""
    + _about(),
    "costlier, confirmed": """\
### ❌ Carbon budget: failed

feature checkout is 8.2 % costlier than main, over the 5 % that is allowed.

**What to do**

1. make tests/test\\_pay.py::test\\_cart cheaper: it takes 400 mJ ref more than on main

| Feature | State | This run | Budget used | Change | Trend |
| --- | --- | --- | --- | --- | --- |
| checkout | ❌ failed | 1.2 g (810 mg … 1.9 g) | 42 % of 120 g in 28d | +8.2 % (+6 … +11) | ▅▅▅▇█ |

<details>
<summary>Reasons</summary>

- failed: feature checkout is 8.2 % costlier than main, over the 5 % that is allowed

</details>

<details>
<summary>Comparison with the base</summary>

- checkout: costlier, confirmed, +8.2 % (+6 … +11); a change of 5 % or more would be seen; \
52 tests compared, 88 % of the cost; 2 tests new (120 mJ ref); 1 test gone (30 mJ ref)

</details>

<details>
<summary>Tests that differ from the base: 4 (1 renamed, 1 new, 1 gone)</summary>

| Test | What | Base | Now | Change | Feature |
| --- | --- | --- | --- | --- | --- |
| <code>tests/test\\_pay.py::test\\_cart\\[a\\|b\\]</code> | costlier | 1 J ref | 1.4 J ref | +40 % | checkout |
| `tests/test_pay.py::test_new` | new |  | 120 mJ ref |  | checkout |
| `tests/test_pay.py::test_old` | gone | 30 mJ ref |  |  | checkout |
| `tests/t.py::test_b` | renamed from tests/t.py::test\\_a | 200 mJ ref | 200 mJ ref | 0 % |  |

</details>

"""
    + _about(),
    "cheaper": """\
### ✅ Carbon budget: fine

The tests of checkout are 31 % cheaper than on main.

| Feature | State | This run | Budget used | Change | Trend |
| --- | --- | --- | --- | --- | --- |
| checkout | ✅ fine | 1.2 g (810 mg … 1.9 g) | 42 % of 120 g in 28d | -31.0 % (-35 … -27) | ▅▅▅▇█ |

<details>
<summary>Comparison with the base</summary>

- checkout: cheaper, -31.0 % (-35 … -27); a change of 9 % or more would be seen; 52 tests compared, 88 % of the cost

</details>

"""
    + _about(),
    "inconclusive": """\
### ❔ Carbon budget: unclear

feature checkout could not be compared: the machine was slowed during 71 % of its tests.

| Feature | State | This run | Budget used | Change | Trend |
| --- | --- | --- | --- | --- | --- |
| checkout | ❔ unclear | 1.2 g (810 mg … 1.9 g) | 42 % of 120 g in 28d | unknown | ▅▅▅▇█ |

<details>
<summary>Reasons</summary>

- unclear: feature checkout could not be compared: the machine was slowed during 71 % of its tests

</details>

<details>
<summary>Comparison with the base</summary>

- checkout: could not tell; a change of 24 % or more would be seen; \
52 tests compared, 29 % of the cost; the machine was slowed during 71 % of these tests

</details>

"""
    + _about(unknown=NOT_KNOWN),
    "no base yet": """\
### ✅ Carbon budget: fine

The budget of checkout is kept, and its tests are no costlier than on main.

| Feature | State | This run | Budget used | Change |
| --- | --- | --- | --- | --- |
| checkout | ✅ fine | 1.2 g (810 mg … 1.9 g) | 42 % of 120 g in 28d | no base |

<details>
<summary>Comparison with the base</summary>

- checkout: no base

</details>

"""
    + _about(NO_RUNS),
    "nothing measured": """\
### ⚪ Carbon budget: not measured

No report was found, so nothing was judged.

**What to do**

1. run pytest --carbon in this job

"""
    + _about(NO_RUNS, ""),
    "several": """\
### ❌ Carbon budget: failed

feature checkout has used 131 g of 120 g in 28d.

| Feature | State | This run | Budget used | Change | Trend |
| --- | --- | --- | --- | --- | --- |
| checkout | ❌ failed | 1.2 g (810 mg … 1.9 g) | 109 % of 120 g in 28d, exhausted | +1.8 % (-3 … +7) | ▅▅▅▇█ |
| search\\_v2 | ✅ fine | 1.2 g (810 mg … 1.9 g) | 80 % of 120 g in 28d, at risk | +1.8 % (-3 … +7) |  |
| team payments | ✅ fine | 9 J | 42 % of 120 g in 28d |  | ▄▄ |
| whole repository | ✅ fine | 1.2 g (810 mg … 1.9 g) |  |  | ▅▅▅▇█ |

<details>
<summary>Reasons</summary>

- failed: feature checkout has used 131 g of 120 g in 28d

</details>

<details>
<summary>Comparison with the base</summary>

- checkout: no change, +1.8 % (-3 … +7); a change of 9 % or more would be seen; 52 tests compared, 88 % of the cost
- search\\_v2: no change, +1.8 % (-3 … +7); a change of 9 % or more would be seen; 52 tests compared, 88 % of the cost

</details>

"""
    + _about(),
    "overridden": """\
### 🔓 Carbon budget: overridden

feature checkout has used 131 g of 120 g in 28d, allowed by @&#8203;lead until 2026-03-01 (#&#8203;12).

**What to do**

1. pay the debt of 11 g back in the next window

| Feature | State | This run | Budget used | Change | Trend |
| --- | --- | --- | --- | --- | --- |
| checkout | 🔓 overridden | 1.2 g (810 mg … 1.9 g) | 109 % of 120 g in 28d, exhausted | +1.8 % (-3 … +7) | ▅▅▅▇█ |

<details>
<summary>Reasons</summary>

- overridden: feature checkout has used 131 g of 120 g in 28d, allowed by @&#8203;lead until 2026-03-01 (#&#8203;12)

</details>

<details>
<summary>Comparison with the base</summary>

- checkout: no change, +1.8 % (-3 … +7); a change of 9 % or more would be seen; 52 tests compared, 88 % of the cost

</details>

"""
    + _about(),
}


@pytest.mark.parametrize("name", CASES)
def test_document_of_a_known_verdict(name: str) -> None:
    """The whole text, as a reader of the pull request gets it."""
    assert render(CASES[name]) == EXPECTED[name]


def test_every_state_has_its_symbol() -> None:
    """The first line has one symbol and the same in words, for those who do not see it."""
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)
    for state, symbol in SYMBOLS.items():
        assert render(replace(FINE, state=state)).startswith(f"### {symbol} Carbon budget: ")


def test_what_to_do_is_told_only_where_something_is_to_be_done() -> None:
    """A verdict that is fine asks for nothing; any other for three things at most."""
    todo = tuple(Todo(f"do {number}") for number in range(5))
    assert "do 0" not in render(replace(FINE, todo=todo))
    text = render(replace(FINE, state="warn", todo=todo))
    assert "3. do 2" in text
    assert "do 3" not in text
