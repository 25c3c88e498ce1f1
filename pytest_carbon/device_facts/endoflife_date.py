"""Fetches the table of lifecycles anew from endoflife.date. The only part of this room that uses the network."""

from __future__ import annotations

import json
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.device_facts.lifecycles import build_facts

URL = "https://endoflife.date/api/v1/products"
NOTICE = "from https://endoflife.date, Copyright (c) endoflife.date contributors, under the MIT License"
PRODUCTS = (
    "python", "nodejs", "debian", "ubuntu", "alpine-linux", "rhel", "ios", "ipados", "macos", "android", "windows",
    "iphone", "ipad",
)  # fmt: skip
TIMEOUT_S = 20.0
MAX_ANSWER_BYTES = 2_000_000
"""Bytes of one product's answer; the longest has some hundred thousand."""


class RefreshError(CarbonError):
    """The facts could not be fetched, or what came is not what was asked for."""


def refresh_lifecycles(path: Path, now: datetime, url: str = URL, timeout_s: float = TIMEOUT_S) -> dict[str, int]:
    """Fetch all products, check them, and write them in one go; return how many releases each has.

    Nothing is written if one of them fails. RefreshError with the next step.
    """
    products = {product: _fetch_product(url, product, timeout_s) for product in PRODUCTS}
    table = {"notice": NOTICE, "as_of": now.date().isoformat(), "products": products}
    try:
        build_facts(table, "fetched")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefreshError(f"{url} answered, but not with lifecycles ({error!r}); nothing was changed") from error
    _write_whole(path, json.dumps(table, indent=1) + "\n")
    return {product: len(rows) for product, rows in products.items()}


def _fetch_product(url: str, product: str, timeout_s: float) -> dict[str, dict[str, Any]]:
    where = f"{url}/{product}"
    request = urllib.request.Request(where, headers={"Accept": "application/json"})  # noqa: S310 (https, or a test's)
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
            content = answer.read(MAX_ANSWER_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise RefreshError(
            f"{where} could not be fetched ({error}); is the network there? The facts of before stay in use"
        ) from error
    if len(content) > MAX_ANSWER_BYTES:
        raise RefreshError(f"{where} answered with more than {MAX_ANSWER_BYTES:,} bytes; nothing was changed")
    try:
        rows = [_table_row(release) for release in json.loads(content)["result"]["releases"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RefreshError(f"{where} answered, but not with releases ({error!r}); nothing was changed") from error
    if not rows:
        raise RefreshError(f"{where} answered without any release; nothing was changed")
    return dict(rows)


def _table_row(release: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Take of a release what our table has. An end that is past without a day is True, one to come False."""
    name = release["name"]
    if not isinstance(name, str):
        raise TypeError(f"a release is called {name!r}")
    row = {"from": release["releaseDate"], "until": release.get("eolFrom") or release.get("isEol", False)}
    custom = release.get("custom") or {}
    systems = custom.get("supportedIosVersions") or custom.get("supportedIpadOsVersions")
    more = {"extended": release.get("eoesFrom"), "sold": release.get("discontinuedFrom"), "systems": systems}
    return name, row | {key: value for key, value in more.items() if value}


def _write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        Path(file.name).replace(path)
    except OSError as error:
        raise RefreshError(f"{path} could not be written ({error.strerror}); check its folder") from error
