"""Fetches a new table of lifecycles from endoflife.date. The only module of this room that uses the network."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.device_facts.lifecycles import build_facts
from pytest_carbon.files.write_safely import PUBLIC, make_folder, write_whole

URL = "https://endoflife.date/api/v1/products"
NOTICE = "from https://endoflife.date, Copyright (c) endoflife.date contributors, under the MIT License"
PRODUCTS = (
    "python", "nodejs", "debian", "ubuntu", "alpine-linux", "rhel", "ios", "ipados", "macos", "android", "windows",
    "iphone", "ipad",
)  # fmt: skip
TIMEOUT_S = 20.0
MAX_ANSWER_BYTES = 2_000_000
"""The most bytes of the answer for one product; the longest answer has some hundred thousand."""


class RefreshError(CarbonError):
    """The lifecycles could not be fetched, or the answer is no table of releases."""


def refresh_lifecycles(
    path: Path, now: datetime, url: str = URL, timeout_s: float = TIMEOUT_S, project: Path | None = None
) -> dict[str, int]:
    """Fetch all products, check them, and write them to a file. Return the number of releases of each product.

    A link in the folder ``project``, by default the working directory, may not lead the file out of it.
    Raises RefreshError if a product cannot be fetched or is broken, or the file cannot be written. Nothing is written
    then.
    """
    products = {product: _fetch_product(url, product, timeout_s) for product in PRODUCTS}
    table = {"notice": NOTICE, "as_of": now.date().isoformat(), "products": products}
    try:
        build_facts(table, "fetched")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefreshError(
            f"{url} answered, but not with lifecycles ({error!r}); nothing was changed, try again later"
        ) from error
    _write_whole(path, json.dumps(table, indent=1) + "\n", project or Path.cwd())
    return {product: len(rows) for product, rows in products.items()}


def _fetch_product(url: str, product: str, timeout_s: float) -> dict[str, dict[str, Any]]:
    address = f"{url}/{product}"
    request = urllib.request.Request(address, headers={"Accept": "application/json"})  # noqa: S310 (https, or a test's)
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
            content = answer.read(MAX_ANSWER_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise RefreshError(
            f"{address} could not be fetched ({error}); check the network and try again, the old facts stay in use"
        ) from error
    if len(content) > MAX_ANSWER_BYTES:
        raise RefreshError(
            f"{address} answered with more than {MAX_ANSWER_BYTES:,} bytes; nothing was changed, try again later"
        )
    try:
        rows = [_table_row(release) for release in json.loads(content)["result"]["releases"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RefreshError(
            f"{address} answered, but not with releases ({error!r}); nothing was changed, try again later"
        ) from error
    if not rows:
        raise RefreshError(f"{address} answered without any release; nothing was changed, try again later")
    return dict(rows)


def _table_row(release: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the name and the row of a release for our table.

    ``until`` is True if support ended on an unknown day, False if no end is announced. Raises KeyError or TypeError if
    the release is broken.
    """
    name = release["name"]
    if not isinstance(name, str):
        raise TypeError(f"the name of a release is {name!r}, not a text")
    row = {"from": release["releaseDate"], "until": release.get("eolFrom") or release.get("isEol", False)}
    custom = release.get("custom") or {}
    systems = custom.get("supportedIosVersions") or custom.get("supportedIpadOsVersions")
    optional = {"extended": release.get("eoesFrom"), "sold": release.get("discontinuedFrom"), "systems": systems}
    return name, row | {key: value for key, value in optional.items() if value}


def _write_whole(path: Path, text: str, project: Path) -> None:
    """Write a whole file or nothing. Raises RefreshError if the file cannot be written."""
    try:
        make_folder(path.parent, project)
        write_whole(path, text.encode(), project, PUBLIC)
    except OSError as error:
        raise RefreshError(f"{path} could not be written ({error.strerror}); check its folder") from error
