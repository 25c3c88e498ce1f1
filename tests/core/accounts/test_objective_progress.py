"""Objectives: how the policy writes them, their progress and their projection."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.accounts.make_accounts import make_accounts
from pytest_carbon.core.accounts.objective_progress import MonthlyValue, extrapolate
from pytest_carbon.core.accounts.values.account import Objective
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.policy.policy import PolicyObjective

BUDGETS = (
    '[features.checkout.budget]\nlimit = "20 g"\nwindow = "month"\nowners = ["@shop", "@cto"]\n'
    '[features.search.budget]\nlimit = "40 g"\nwindow = "month"\nowners = ["@shop"]\n'
    '[teams.front]\nfeatures = ["checkout", "search"]\nbudget = { limit = "90 g" }\n'
)
SOUND = 'name = "Less"\ntarget = "2 kg"\nby = "2026-12-31"\n'


def _policy(bench: Any, *objectives: str) -> Any:
    return bench.policy(BUDGETS + "".join(f"[[objectives]]\n{text}" for text in objectives))


def test_objectives_in_the_policy(bench: Any) -> None:
    """An objective is of a feature, a team, an owner or the repository; the default measure is grams per month."""
    objectives = _policy(
        bench,
        SOUND,
        SOUND + 'team = "front"\nmeasure = "per test run"\n',
        SOUND + 'owner = "@shop"\nmeasure = "per merged pull request"\n',
        'name = "Room"\nfeature = "checkout"\nmeasure = "budget used"\ntarget = "80 %"\nby = 2026-12-31\n',
    ).objectives
    last = date(2026, 12, 31)
    assert objectives == (
        PolicyObjective("Less", "repository", "", "per month", 2000.0, last),
        PolicyObjective("Less", "team", "front", "per test run", 2000.0, last),
        PolicyObjective("Less", "owner", "@shop", "per merged pull request", 2000.0, last),
        PolicyObjective("Room", "feature", "checkout", "budget used", 0.8, last),
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('target = "2 kg"\nby = "2026-12-31"\n', 'objectives[1] needs a name, a target such as "2 kg" and a day'),
        ('name = "Less"\nby = "2026-12-31"\n', "objectives[1] needs a name"),
        ('name = "Less"\ntarget = "2 kg"\n', "objectives[1] needs a name"),
        (SOUND + 'team = "fron"\n', "no team is called 'fron'; did you mean \"front\"?"),
        (SOUND + 'feature = "chekout"\n', "no feature is called 'chekout'; did you mean \"checkout\"?"),
        (SOUND + 'owner = "@nobody"\n', "no owner is called '@nobody'"),
        (SOUND + 'team = "front"\nowner = "@shop"\n', "has team and owner; keep one of them"),
        (SOUND + 'measure = "per run"\n', 'measure is \'per run\'; it must be "per month" or "per test run"'),
        (SOUND + 'measure = "budget used"\n', 'measures "budget used", but its holder has no budget with a limit'),
        (SOUND.replace("2 kg", "2 kJ"), "target is '2 kJ', which is energy; write grams"),
        (SOUND.replace("2 kg", "a lot"), "target is 'a lot', which is not an amount"),
        (SOUND + 'feature = "search"\nmeasure = "budget used"\n', "target is '2 kg'; write it as text with a per cent"),
        (
            SOUND.replace("2026-12-31", "December"),
            "by is 'December', which is no day; write a day such as \"2026-12-31\"",
        ),
        (SOUND.replace('"2026-12-31"', "31"), "by is 31, which is no day"),
        (SOUND + "due = 3\n", "objectives[1]: unknown key 'due'"),
    ],
)
def test_a_wrong_objective_names_its_key(bench: Any, text: str, complaint: str) -> None:
    """The error names the key that is missing, misspelt or of another type."""
    with pytest.raises(ConfigError) as error:
        _policy(bench, text)
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [('objectives = "less"\n', "objectives is 'less'; write a table for each objective, below [[objectives]]"),
     ('machines = "rented"\n', "machines is 'rented'; it must be \"own\" or \"hosted\"")],
)  # fmt: skip
def test_keys_of_the_policy(bench: Any, text: str, complaint: str) -> None:
    """Objectives are tables, and machines are own or hosted."""
    with pytest.raises(ConfigError) as error:
        bench.policy(text)
    assert complaint in str(error.value)


def _runs(bench: Any, grams: list[float], shares: dict[str, float]) -> list[Any]:
    """Return two runs of a pull request and one after its merge, for each month up to now."""
    out = []
    for n, each in enumerate(grams):
        month = 12 * 2026 + 2 - (len(grams) - 1 - n)
        first = datetime(month // 12, month % 12 + 1, 1, 8, tzinfo=UTC)
        for k in range(3):
            out.append(
                bench.entry(10 * n + k, ago=bench.now - first - timedelta(hours=k), shares=shares, pr=n + 1,
                            branch="main" if k == 2 else "topic", operational_g=each)
            )  # fmt: skip
    return out


def _objective(bench: Any, text: str, grams: list[float]) -> Objective:
    entries = _runs(bench, grams, {"checkout": 0.25, "search": 0.5, "unattributed": 0.25})
    (accounts,) = make_accounts(_policy(bench, text), entries, (), bench.now, 400.0, "main").objectives
    return accounts


MONTHS = [40.0, 36.0, 32.0, 28.0, 1.0]
"""Four complete months, and March so far."""


@pytest.mark.parametrize(
    ("who", "measure", "start", "now", "projected"),
    [
        ("", "per month", 120.0, 84.0, 48.0),
        ('feature = "checkout"', "per month", 30.0, 21.0, 12.0),
        ('team = "front"', "per month", 90.0, 63.0, 36.0),
        ('owner = "@shop"', "per month", 90.0, 63.0, 36.0),
        ('owner = "@cto"', "per month", 30.0, 21.0, 12.0),
        ("", "per test run", 40.0, 28.0, 16.0),
        ('feature = "checkout"', "per merged pull request", 30.0, 21.0, 12.0),
        ('feature = "checkout"', "budget used", 1.5, 1.05, 0.6),
        ('owner = "@shop"', "budget used", 1.5, 1.05, 0.6),
        ('feature = "search"', "budget used", 1.5, 1.05, 0.6),
    ],
)
def test_progress_of_an_objective(
    bench: Any, who: str, measure: str, start: float, now: float, projected: float
) -> None:
    """Start and now are the first and last complete month; the projection is for May; the fullest budget counts."""
    target = "1 %" if measure == "budget used" else "1 g"
    text = f'name = "Less"\n{who}\nmeasure = "{measure}"\ntarget = "{target}"\nby = "2026-05-31"\n'
    objective = _objective(bench, text, MONTHS)
    assert (objective.start, objective.now, objective.projected) == tuple(
        pytest.approx(x) for x in (start, now, projected)
    )
    assert (objective.state, objective.unit) == ("off track", "share" if measure == "budget used" else "g")


@pytest.mark.parametrize(
    ("target", "by", "grams", "measure", "expected"),
    [
        ("84 g", "2026-05-31", MONTHS, "per month", "reached"),
        ("50 g", "2026-05-31", MONTHS, "per month", "on track"),
        ("40 g", "2026-05-31", MONTHS, "per month", "off track"),
        ("50 g", "2026-03-19", MONTHS, "per month", "off track"),
        ("50 g", "2026-05-31", MONTHS[-3:], "per month", "not known"),
        ("50 g", "2026-05-31", MONTHS[-1:], "per month", "not known"),
        ("50 g", "2026-05-31", MONTHS[-1:], "per test run", "reached"),
        ("50 g", "2026-05-31", [], "per test run", "not known"),
    ],
    ids=["reached", "on track", "off track", "too late", "two months", "no whole month", "this month tells", "no run"],
)
def test_state_of_an_objective(
    bench: Any, target: str, by: str, grams: list[float], measure: str, expected: str
) -> None:
    """An objective is reached, on track, off track or not known; a trend needs three complete months."""
    text = f'name = "Less"\nmeasure = "{measure}"\ntarget = "{target}"\nby = "{by}"\n'
    assert _objective(bench, text, grams).state == expected


def _since(bench: Any, months: list[list[dict[str, Any]]], measure: str = "per month") -> Objective:
    """Return an objective of checkout with these runs in the months before March; search has a run every month."""
    entries = []
    for n, runs in enumerate(months):
        month = 12 * 2026 + 2 - len(months) + n
        first = bench.now - datetime(month // 12, month % 12 + 1, 1, 8, tzinfo=UTC)
        entries.append(bench.entry(100 * n, ago=first, shares={"search": 1.0}))
        entries += [bench.entry(100 * n + k, ago=first - timedelta(hours=k), **run) for k, run in enumerate(runs, 1)]
    target = "1 %" if measure == "budget used" else "1 g"
    text = f'name = "Less"\nfeature = "checkout"\nmeasure = "{measure}"\ntarget = "{target}"\nby = "2026-05-31"\n'
    return make_accounts(_policy(bench, text), entries, (), bench.now, 400.0, "main").objectives[0]


@pytest.mark.parametrize(("measure", "ten_g"), [("per month", 10.0), ("budget used", 0.5)], ids=["grams", "of 20 g"])
def test_months_without_a_value(bench: Any, measure: str, ten_g: float) -> None:
    """A month without runs is 0, but not before the first run; a month of too many unknown runs has no value."""
    ten, unknown = [{"operational_g": 5.0}] * 2, [{"energy_j": None, "operational_g": None}]
    stopped = _since(bench, [ten, ten, [], []], measure)
    assert (stopped.start, stopped.now, stopped.state) == (ten_g, 0.0, "reached")
    began = _since(bench, [[], [], ten, ten], measure)
    assert (began.start, began.now, began.state) == (ten_g, ten_g, "not known")
    half = _since(bench, [ten, ten, ten, [{"operational_g": 0.001}, *unknown]], measure)
    assert (half.now, half.projected, half.state) == (ten_g, pytest.approx(ten_g), "off track")


def test_debts_reduce_the_budget_of_an_objective(bench: Any) -> None:
    """The budget is reduced by debts, as in the table of months."""
    override = bench.override(amount=2.0, granted="2026-01-20T00:00:00Z", expires="2026-01-22T00:00:00Z")
    text = 'name = "Room"\nfeature = "checkout"\nmeasure = "budget used"\ntarget = "80 %"\nby = "2026-05-31"\n'
    entries = _runs(bench, MONTHS, {"checkout": 0.25, "search": 0.75})
    accounts = make_accounts(_policy(bench, text), entries, [override], bench.now, 400.0, "main")
    month = next(account for account in accounts.accounts if account.name == "checkout").months[-2]
    assert (month.consumed, month.budget) == (21.0, 18.0)
    assert accounts.objectives[0].now == 21.0 / 18.0


@settings(max_examples=60, deadline=None)
@given(st.floats(50.0, 100.0), st.floats(-2.0, 2.0), st.integers(5, 12), st.floats(0.0, 1000.0), st.integers(0, 11))
def test_an_outlier_does_not_turn_the_trend(start: float, slope: float, months: int, odd: float, where: int) -> None:
    """The line through the other months stays, whatever one month is."""
    series = [MonthlyValue(n, start + slope * n, True) for n in range(months)]
    exact = extrapolate(series, months + 3)
    assert exact == pytest.approx(start + slope * (months + 3))
    series[where % months] = MonthlyValue(where % months, odd, True)
    assert extrapolate(series, months + 3) == pytest.approx(exact, abs=4.5 * abs(slope) + 1e-6)


def test_a_projection_is_never_negative() -> None:
    """A line that would end below 0 ends at 0."""
    assert extrapolate([MonthlyValue(n, 10.0 - 3 * n, True) for n in range(3)], 9) == 0.0
