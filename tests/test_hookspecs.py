"""What other packages may import is named in docs/extending.md, works there, and stays."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pytest_carbon import hookspecs
from pytest_carbon.extend.extensions import Extensions
from pytest_carbon.extend.grid_providers import ExtensionGridProvider
from pytest_carbon.extend.ledger_kinds import extension_ledger_kinds
from pytest_carbon.extend.reporters import extension_reporters
from pytest_carbon.ledgers.kinds.ledger_kind import LedgerRequest
from tests.extend.packages import entry_point

PAGE = (Path(__file__).parent.parent / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def _extension(hook: str) -> Extensions:
    """Return the page's example of a hook as an installed extension."""
    (code,) = [block for block in BLOCKS if f"def {hook}(" in block]
    module = ModuleType("office_carbon")
    exec(compile(code, "extending.md", "exec"), module.__dict__)  # noqa: S102
    extensions = Extensions([entry_point("office", module)])
    assert extensions.faults == ()
    return extensions


@pytest.mark.parametrize("name", hookspecs.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    """Each name is there, also those whose module is imported only on request."""
    assert getattr(hookspecs, name) is not None


def test_the_page_names_every_public_value_and_no_other() -> None:
    """The table of docs/extending.md and ``__all__`` are one list; hooks stand in the sections below."""
    table = {name for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert table == {name for name in hookspecs.__all__ if not name.startswith("carbon_")}
    assert {name for name in hookspecs.__all__ if name.startswith("carbon_")} == set(
        re.findall(r"carbon_\w+", PAGE)
    ) - {"carbon_accounts"}


def test_names_of_earlier_releases_stay() -> None:
    """Packages written before ``hookspecs`` had the values import them from here."""
    from pytest_carbon.core.model import GridFactor, Range
    from pytest_carbon.core.report import Report

    assert (GridFactor, Range, Report) == (hookspecs.GridFactor, hookspecs.Range, hookspecs.Report)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As in every module."""
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        hookspecs.Nothing  # noqa: B018


def test_the_hooks_load_no_value() -> None:
    """Who imports ``hookimpl`` pays for pluggy alone."""
    code = "import sys, pytest_carbon.hookspecs; print([n for n in sys.modules if n.startswith('pytest_carbon.')])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "['pytest_carbon.hookspecs']\n"


def test_the_example_of_a_grid_provider_works() -> None:
    """Its zone has its factor, and no other zone."""
    grids = ExtensionGridProvider(_extension("carbon_grid_factor"))
    factor = grids.factor("office")
    assert factor is not None
    assert factor.g_per_kwh.central == 100.0
    assert (grids.factor("DE"), grids.zones()) == (None, ["office"])


def test_the_example_of_a_reporter_works() -> None:
    """It writes one line of a verdict."""
    (reporter,) = extension_reporters("carbon_verdict_reporters", _extension("carbon_verdict_reporters"))

    class Fine:
        run, sentence = "run-1", "Fine.\x1b"

    assert (reporter.name, reporter.file_name, reporter.render(Fine())) == (
        "line",
        "verdict.txt",
        "run-1: Fine.\\x1b\n",
    )


def test_the_example_of_a_written_report_works(tmp_path: Path) -> None:
    """It writes beside the report."""

    class Report:
        class totals:
            energy_j = 1.5

    extensions = _extension("carbon_report_written")
    assert list(extensions.call("carbon_report_written", str, report=Report, path=tmp_path / "report.json")) == []
    assert extensions.faults == ()
    assert (tmp_path / "joules.txt").read_text() == "1.5\n"


def test_the_example_of_a_ledger_works() -> None:
    """It opens a ledger at the place behind the colon."""
    (kind,) = extension_ledger_kinds(_extension("carbon_ledger_kinds"))
    now = datetime(2026, 6, 1, tzinfo=UTC)
    ledger: Any = kind.open(LedgerRequest("team", Path("/project"), now, None, 10, lambda: "org/shop"))
    assert (kind.name, ledger.where) == ("share", "folder /mnt/carbon/team")


def test_the_example_of_a_program_works(tmp_path: Path) -> None:
    """It prints a sentence for each holder, also of an empty ledger."""
    (code,) = [block for block in BLOCKS if "read_accounts" in block]
    (tmp_path / "carbon.toml").write_text('[features.checkout]\npaths = ["tests/**"]\n', encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert len(run.stdout.splitlines()) >= 2
