"""The page: everybody's accounts, runs and tests as files of a static site, the same input as the same bytes."""

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
from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.core.report.ledger_records import Entry, parse_time
from pytest_carbon.reporters.accounts import json as account_json
from pytest_carbon.reporters.site import badge, burn_down, holder_tables, month_chart, page_tables

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_TESTS, MOST_RISEN, MOST_OF_FEATURE = 100, 50, 10
_TEMPLATES = "templates"
_BEFORE_UNIT = re.compile(r"(?<=\d) ")  # a number is not parted from its unit
_PLAIN = re.compile(r"(?!(con|prn|aux|nul|com\d|lpt\d)$)(?!.*-[0-9a-f]{10}$)[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Site:
    """All that the page is made from. ``runs`` are the newest, newest first; ``teams`` are the features of each.

    ``address`` is that of the repository, for links to its pull requests; empty where it is not known.
    """

    title: str
    branch: str
    accounts: Accounts
    runs: Sequence[Entry]
    tests: TestCosts
    teams: Mapping[str, Sequence[str]]
    address: str = ""


def file_name(name: str) -> str:
    """Return a name for files: safe everywhere, and another for every name, also where case does not count.

    One that holds anything but small letters, digits and dashes, is long, means a device to some system, or looks like
    one of ours gets a digest.
    """
    if _PLAIN.fullmatch(name):
        return name
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()[:200]).strip("-")[:40].strip("-")
    mark = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:10]
    return f"{slug}-{mark}" if slug else f"name-{mark}"


def page_path(account: Account) -> str:
    """Return the path of a holder's page, without its ending."""
    if account.level == "repository":
        return "repository"
    return f"{account.level}s/{file_name(account.name)}"


def render_files(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every file, page by page."""
    yield "carbon.css", _resource("carbon.css")
    yield "index.html", _render_page(site, "index.html", "index.html", **_index_values(site))
    yield (
        "runs.html",
        _render_page(site, "runs.html", "runs.html", table=holder_tables.runs_table(site.runs, site.address)),
    )
    yield "tests.html", _render_page(site, "tests.html", "tests.html", **_tests_values(site.tests))
    whole = site.accounts.accounts[0]
    yield "method.html", _render_page(site, "method.html", "method.html", sci=holder_tables.intensities_table(whole))
    yield "data/summary.json", account_json.render(site.accounts)
    costs = _group_by_feature(site.tests)
    made = site.accounts.made
    for account in site.accounts.accounts:
        place = page_path(account)
        own = _costliest_tests_of(account, site, costs)
        yield (
            f"{place}.html",
            _render_page(site, f"{place}.html", "holder.html", **_holder_values(account, made, own, site.address)),
        )
        shown = badge.make_badge(account, page_tables.window_name(account))
        yield (
            f"badges/{place}.svg",
            _environment().get_template("badge.svg").render(badge=shown, widths=badge.half_widths(shown)),
        )
        yield f"badges/{place}.json", json.dumps(badge.shields_endpoint(shown)) + "\n"


def _index_values(site: Site) -> dict[str, Any]:
    made = site.accounts.made
    by_level: dict[str, list[Account]] = {"repository": [], "team": [], "feature": []}
    for account in site.accounts.accounts:
        by_level[account.level].append(account)
    whole = by_level["repository"][0]
    tables = {
        level: page_tables.holders_table(
            found, [f"{page_path(one)}.html" for one in found], made, caption, level.title()
        )
        for level, found, caption in (
            ("team", by_level["team"], "The fullest budget first."),
            ("feature", by_level["feature"], "The fullest budget first. A feature's name leads to its page."),
        )
        if found
    }
    return {
        "account": whole,
        "facts": page_tables.key_figures(whole, made),
        "burn": burn_down.draw_burn_down(whole, parse_time(made)),
        "chart": month_chart.draw_month_chart(whole),
        "tables": tables,
        "objectives": page_tables.objectives_table(site.accounts.objectives),
    }


def _holder_values(account: Account, made: str, tests: Sequence[TestCostTrend], address: str) -> dict[str, Any]:
    costly = "Those that cost most, their own runs and what they add."
    return {
        "account": account,
        "label": page_tables.label(account),
        "facts": page_tables.key_figures(account, made),
        "burn": burn_down.draw_burn_down(account, parse_time(made)),
        "chart": month_chart.draw_month_chart(account),
        "months": holder_tables.months_table(account),
        "sci": holder_tables.intensities_table(account),
        "cost_most": holder_tables.pulls_table(account.cost_most, address, costly),
        "saved_most": holder_tables.pulls_table(account.saved_most, address, "Those that save most."),
        "causes": holder_tables.consumer_lines(account),
        "waste": holder_tables.waste_table(account),
        "overrides": holder_tables.override_lines(account.overrides),
        "tests": holder_tables.tests_table(tests, "Reference joules: the median of the runs that were kept."),
        "place": page_path(account),
    }


def _tests_values(costs: TestCosts) -> dict[str, Any]:
    share = "Reference joules of a run, the median of all runs, and the share of all tests together."
    more = "The older half of the runs against the newer, by their medians. Those that add most to a run stand first."
    return {
        "costs": costs,
        "since": (costs.since or "")[:10],
        "until": (costs.until or "")[:10],
        "most": holder_tables.tests_table(costs.tests[:MOST_TESTS], share),
        "risen": holder_tables.risen_table(costs.risen[:MOST_RISEN], more),
    }


def _group_by_feature(costs: TestCosts) -> dict[str | None, list[TestCostTrend]]:
    found: dict[str | None, list[TestCostTrend]] = defaultdict(list)
    for test in costs.tests:
        found[test.feature].append(test)
    return found


def _costliest_tests_of(
    account: Account, site: Site, costs: Mapping[str | None, Sequence[TestCostTrend]]
) -> Sequence[TestCostTrend]:
    """Return a holder's tests that cost most: those of its features, or of the feature itself."""
    if account.level == "repository":
        return site.tests.tests[:MOST_OF_FEATURE]
    names = site.teams.get(account.name, ()) if account.level == "team" else (account.name,)
    own = [test for name in names for test in costs.get(name, ())[:MOST_OF_FEATURE]]
    return sorted(own, key=lambda test: (-test.per_run_j, test.nodeid))[:MOST_OF_FEATURE]


def _render_page(site: Site, path: str, template: str, **words: Any) -> str:
    root = "../" * path.count("/")
    return _environment().get_template(template).render(site=site, path=path, root=root, **words)


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
    environment.filters["together"] = lambda text: Markup(_BEFORE_UNIT.sub("&nbsp;", escape.html(text)))  # noqa: S704
    return environment


def _make_visible(ready: type, value: Any) -> Any:
    """Return text of ours as it is, and text from outside with what cannot be printed written as escapes."""
    if isinstance(value, ready):
        return value
    text = str(value)
    return text if text.isprintable() else escape.visible(text)
