"""The places of reports: of the last run, of tox environments, of runs at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.config.report_places import free_place, place_of_tox, report_of_other_root, reports_beside

REPORT = Path(".carbon/report.json")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("py311-django4.2", ".carbon/reports/py311-django4.2.json"),
        ("../../x", ".carbon/reports/-.-..-x.json"),
        (".pkg", ".carbon/reports/-pkg.json"),
    ],
)
def test_each_tox_environment_has_a_report_of_its_own(name: str, place: str) -> None:
    """Below the folder of the report, whatever the name is."""
    assert place_of_tox(REPORT, {"TOX_ENV_NAME": name}) == Path(place)
    assert place_of_tox(REPORT, {}) is None


def test_reports_of_several_runs_are_beside(tmp_path: Path) -> None:
    """A free place replaces nothing."""
    report = tmp_path / REPORT
    assert reports_beside(report) == []
    assert free_place(report) == tmp_path / ".carbon/reports/report-2.json"
    for name in ("reports/b.json", "report.json", "reports/report-2.json", "reports/a.txt"):
        path = tmp_path / ".carbon" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert [path.name for path in reports_beside(report)] == ["b.json", "report-2.json"]
    assert free_place(report).name == "report-3.json"


@pytest.mark.parametrize("found", [".", "..", "../..", "tests", "tests/unit", ""])
def test_report_of_another_root_folder_is_found(tmp_path: Path, found: str) -> None:
    """pytest may find its root folder above the working directory, or below it, beside the tests."""
    folder = tmp_path / "packages/a"
    (folder / "tests/unit").mkdir(parents=True)
    if found:
        (folder / found / REPORT).parent.mkdir()
        (folder / found / REPORT).touch()
    other = report_of_other_root(tmp_path / "out.json", folder, str(REPORT))
    assert (other.resolve() if other else None) == ((folder / found / REPORT).resolve() if found else None)
    (tmp_path / "out.json").touch()
    assert report_of_other_root(tmp_path / "out.json", folder, str(REPORT)) is None
