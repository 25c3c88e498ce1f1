"""Accounts as one self-contained HTML page: no script, no font, no image from elsewhere."""

from __future__ import annotations

from importlib import resources

from pytest_carbon.core.accounts.text import advice_lines, tables
from pytest_carbon.core.accounts.values.account import Accounts
from pytest_carbon.core.escape import visible, xml_for_log


def render(accounts: Accounts) -> str:
    """Return the page; every value is escaped."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folder = resources.files("pytest_carbon.reporters").joinpath("templates")
    environment = Environment(
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["unbroken"] = str  # the site's pages keep a number and its unit on one line
    page = environment.get_template("account.html.j2")
    style = folder.joinpath("carbon.css").read_text(encoding="utf-8")
    return xml_for_log(
        page.render(tables=tables, lines=advice_lines, accounts=accounts, made=accounts.made, style=style)
    )
