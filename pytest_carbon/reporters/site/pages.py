"""The pages of the static site: accounts, runs and tests as files. Equal input gives equal bytes."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import TYPE_CHECKING, Any

from pytest_carbon.core import escape
from pytest_carbon.core.accounts.findings.test_costs import TestCosts, TestCostTrend
from pytest_carbon.core.accounts.text.advice_lines import advice_lines, first_action, settled_lines
from pytest_carbon.core.accounts.text.change_sentence import changed_most
from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.core.records.ledger_records import Entry, parse_time
from pytest_carbon.core.verdict import wording as words
from pytest_carbon.reporters.accounts import json as account_json
from pytest_carbon.reporters.site import (
    badge,
    burn_down,
    change_chart,
    feature_chart,
    holder_tables,
    month_chart,
    page_tables,
    run_tables,
)

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_TESTS, MOST_RISEN, MOST_OF_HOLDER, MOST_CAUSES = 100, 50, 10, 5
_TEMPLATES = "templates"
_BEFORE_UNIT = re.compile(r"(?<=\d) ")  # no line breaks between a number and its unit
_PLAIN = re.compile(r"(?!(con|prn|aux|nul|com\d|lpt\d)$)(?!.*-[0-9a-f]{10}$)[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Site:
    """The content of a site. ``runs`` are the newest runs, newest first; ``teams`` are the features of each team.

    ``address`` is the URL of the repository, for links to its pull requests; empty if not known.
    """

    title: str
    branch: str
    accounts: Accounts
    runs: Sequence[Entry]
    tests: TestCosts
    teams: Mapping[str, Sequence[str]]
    address: str = ""


def file_name(name: str) -> str:
    """Return a file name that is safe on every system and unique per name, even if the system ignores case.

    A name gets a digest if it has other characters than lower-case letters, digits and dashes, is long, is a device
    name on some system, or ends like one of our digests.
    """
    if _PLAIN.fullmatch(name):
        return name
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()[:200]).strip("-")[:40].strip("-")
    digest = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:10]
    return f"{slug}-{digest}" if slug else f"name-{digest}"


def page_path(account: Account) -> str:
    """Return the path of a holder's page, without its suffix."""
    if account.level == "repository":
        return "repository"
    return f"{account.level}s/{file_name(account.name)}"


def render_files(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every file, page by page."""
    yield "carbon.css", _resource("carbon.css")
    yield "index.html", _render_page(site, "index.html", "index.html", **_index_values(site))
    yield (
        "runs.html",
        _render_page(site, "runs.html", "runs.html", table=run_tables.runs_table(site.runs, site.address)),
    )
    yield "tests.html", _render_page(site, "tests.html", "tests.html", **_tests_values(site.tests))
    repository = site.accounts.accounts[0]
    intensities = holder_tables.intensities_table(repository)
    yield "method.html", _render_page(site, "method.html", "method.html", sci=intensities)
    yield "data/summary.json", account_json.render(site.accounts)
    costs = _group_by_feature(site.tests)
    made = site.accounts.made
    for account in site.accounts.accounts:
        path = page_path(account)
        values = _holder_values(account, made, _costliest_tests_of(account, site, costs), site.address)
        yield f"{path}.html", _render_page(site, f"{path}.html", "holder.html", **values)
        holder_badge = badge.make_badge(account, page_tables.window_name(account))
        svg = _environment().get_template("badge.svg")
        yield f"badges/{path}.svg", svg.render(badge=holder_badge, widths=badge.half_widths(holder_badge))
        yield f"badges/{path}.json", json.dumps(badge.shields_endpoint(holder_badge)) + "\n"


def _index_values(site: Site) -> dict[str, Any]:
    made = site.accounts.made
    by_level: dict[str, list[Account]] = {"repository": [], "team": [], "feature": []}
    for account in site.accounts.accounts:
        by_level[account.level].append(account)
    repository = by_level["repository"][0]
    caption = "Sorted by budget used, most first. The name links to the {}'s page."
    tables = {
        level: page_tables.holders_table(
            by_level[level],
            [f"{page_path(account)}.html" for account in by_level[level]],
            made,
            caption.format(level),
            level.title(),
        )
        for level in ("team", "feature")
        if by_level[level]
    }
    return {
        "account": repository,
        "key_figures": page_tables.key_figures(repository, made),
        "burn_down": burn_down.draw_burn_down(repository, parse_time(made)),
        "chart": month_chart.draw_month_chart(repository),
        "feature_chart": feature_chart.draw_feature_chart(repository, by_level["feature"]),
        "first_action": first_action(repository),
        "exhausted": _exhausted([*by_level["feature"], *by_level["team"]]),
        "causes": {level: _causes(by_level[level]) for level in tables},
        "tables": tables,
        "objectives": page_tables.objectives_table(site.accounts.objectives),
    }


def _holder_values(account: Account, made: str, tests: Sequence[TestCostTrend], address: str) -> dict[str, Any]:
    costliest = (
        "Costliest pull requests, by the cost of their own runs and what their change adds to a whole window "
        f"({page_tables.window_name(account)}) with as many runs as expected."
    )
    if account.change:
        costliest += (
            " Why it changed counts the runs of the days that it compares, what to do those of the last window."
        )
    savings = "Largest savings, after the cost of the pull request's own runs."
    return {
        "account": account,
        "label": page_tables.label(account),
        "key_figures": page_tables.key_figures(account, made),
        "burn_down": burn_down.draw_burn_down(account, parse_time(made)),
        "bridge": change_chart.bridge_bars(account),
        "per_run": change_chart.draw_per_run(account),
        "chart": month_chart.draw_month_chart(account),
        "months": holder_tables.months_table(account),
        "sci": holder_tables.intensities_table(account),
        "cost_most": holder_tables.pulls_table(account.cost_most, address, costliest),
        "saved_most": holder_tables.pulls_table(account.saved_most, address, savings),
        "consumers": holder_tables.consumer_lines(account),
        "waste": holder_tables.waste_table(account),
        "overrides": holder_tables.override_lines(account.overrides),
        "tests": run_tables.costs_table(tests, "Reference energy per run: the median of the kept runs."),
        "path_stem": page_path(account),
        "advice": advice_lines(account),
        "first_action": first_action(account),
        "settled": settled_lines(account),
    }


def _exhausted(accounts: Sequence[Account]) -> tuple[list[tuple[str, str]], int]:
    """Return the page and the name of the holders that used most of their budgets up, and how many more there are."""
    over = [own for own in accounts if own.standing and own.standing.state == "exhausted"]
    named = [(f"{page_path(own)}.html", words.shorten(own.name, words.NAME_CELLS)) for own in over[:MOST_CAUSES]]
    return named, len(over) - len(named)


def _causes(accounts: Sequence[Account]) -> list[tuple[str, str, str]]:
    """Return the page, the name and the sentence of the holders that a named cause changed most."""
    return [
        (f"{page_path(own)}.html", words.shorten(own.name, words.NAME_CELLS), sentence)
        for own, sentence in changed_most(accounts, MOST_CAUSES)
    ]


def _tests_values(costs: TestCosts) -> dict[str, Any]:
    costliest = "Reference energy per run, the median of all runs, and its share of all tests."
    risen = "Medians of the older and the newer half of the runs. Largest increase first."
    return {
        "costs": costs,
        "since": (costs.since or "")[:10],
        "until": (costs.until or "")[:10],
        "costliest": run_tables.costs_table(costs.tests[:MOST_TESTS], costliest),
        "risen": run_tables.risen_table(costs.risen[:MOST_RISEN], risen),
    }


def _group_by_feature(costs: TestCosts) -> dict[str | None, list[TestCostTrend]]:
    by_feature: dict[str | None, list[TestCostTrend]] = defaultdict(list)
    for test in costs.tests:
        by_feature[test.feature].append(test)
    return by_feature


def _costliest_tests_of(
    account: Account, site: Site, costs: Mapping[str | None, Sequence[TestCostTrend]]
) -> Sequence[TestCostTrend]:
    """Return the costliest tests of a holder; a team has the tests of its features."""
    if account.level == "repository":
        return site.tests.tests[:MOST_OF_HOLDER]
    features = site.teams.get(account.name, ()) if account.level == "team" else (account.name,)
    tests = [test for feature in features for test in costs.get(feature, ())[:MOST_OF_HOLDER]]
    return sorted(tests, key=lambda test: (-test.per_run_j, test.nodeid))[:MOST_OF_HOLDER]


def _render_page(site: Site, path: str, template: str, **values: Any) -> str:
    root = "../" * path.count("/")
    return _environment().get_template(template).render(site=site, path=path, root=root, **values)


def _resource(name: str) -> str:
    return resources.files("pytest_carbon.reporters").joinpath(_TEMPLATES, name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FunctionLoader(lambda name: _resource(f"site/{name}")),
        autoescape=True,
        finalize=partial(_make_visible, Markup),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["unbroken"] = lambda text: Markup(_BEFORE_UNIT.sub("&nbsp;", escape.html(text)))  # noqa: S704
    return environment


def _make_visible(ready: type, value: Any) -> Any:
    """Return ready markup as it is, and any other value as text whose unprintable characters are escapes."""
    if isinstance(value, ready):
        return value
    text = str(value)
    return text if text.isprintable() else escape.visible(text)
