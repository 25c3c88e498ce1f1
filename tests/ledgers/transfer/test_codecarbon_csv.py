"""CodeCarbon's emissions.csv in a ledger: each run once, whatever its rows are like."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from datetime import UTC, date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.codecarbon_rows import ImportTerms
from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.core.records.ledger_records import Entry
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.ledger import Ledger
from pytest_carbon.ledgers.transfer import codecarbon_csv
from pytest_carbon.ledgers.transfer.codecarbon_csv import ImportResult
from tests.attack import Attack

LAW = settings(max_examples=25, deadline=None)
EVERYTHING = date(2000, 1, 1), date(2100, 1, 1)
PAID = ImportTerms({"search": 1.0})
COLUMNS = (
    "timestamp", "project_name", "run_id", "duration", "emissions", "energy_consumed", "country_iso_code", "region",
    "cloud_provider", "cloud_region", "on_cloud",
)  # fmt: skip
ROW = {
    "timestamp": "2026-06-10T13:00:00", "project_name": "training", "run_id": "a", "duration": "3600",
    "emissions": "0.12", "energy_consumed": "0.36", "country_iso_code": "DEU", "region": "bavaria", "on_cloud": "N",
}  # fmt: skip


def _csv(*rows: dict[str, str]) -> io.StringIO:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    file.seek(0)
    return file


def _put(lab: SimpleNamespace, ledger: Ledger, file: Any, clock: Any = UTC) -> ImportResult:
    return codecarbon_csv.import_rows(file, ledger, PAID, clock, lab.NOW)


def _entries(ledger: Ledger) -> list[Entry]:
    return apply_corrections(ledger.read(*EVERYTHING).records)


def test_file_of_codecarbon_is_imported(lab: SimpleNamespace, tmp_path: Path) -> None:
    """The two rows that CodeCarbon wrote during and after one run together are that run, counted once."""
    from codecarbon.output_methods.emissions_data import EmissionsData
    from codecarbon.output_methods.file import FileOutput

    numbers = dict.fromkeys(EmissionsData.__dataclass_fields__, 0)
    texts = {"cpu_model": "Xeon, 8 cores", "gpu_model": "1 x A100", "tracking_mode": "machine", "on_cloud": "N"}
    output = FileOutput("emissions.csv", str(tmp_path))
    for hours in (1, 2):
        row = {**ROW, "timestamp": f"2026-06-10T1{2 + hours}:00:00", "duration": 3600.25 * hours, "pue": 1.2,
               "emissions": 0.06 * hours, "energy_consumed": 0.18 * hours}  # fmt: skip
        output.out(EmissionsData(**{**numbers, **texts, **row}), None)
    ledger = FolderLedger(tmp_path / "ledger", lab.NOW)
    for added, known in ((2, 0), (0, 2)):
        with (tmp_path / "emissions.csv").open(encoding="utf-8-sig", newline="") as file:
            assert _put(lab, ledger, file) == ImportResult(added, known, 0)
    during, after = _entries(ledger)
    assert (during.energy_j, after.energy_j) == (pytest.approx(540_000), pytest.approx(540_000))
    assert (during.operational_g, after.operational_g) == (60.0, pytest.approx(60.0))
    assert (during.wall_s, after.machine, after.grid_zone) == (3600.25, "Xeon, 8 cores, 1 x A100", "DE")


@pytest.mark.parametrize(
    ("changes", "zone"),
    [
        ({}, "DE"),
        ({"country_iso_code": "USA", "region": "Virginia"}, "US-VA"),
        ({"country_iso_code": "USA", "region": ""}, "US"),
        ({"country_iso_code": "CAN", "region": "quebec"}, "CA-QC"),
        ({"country_iso_code": "XXX"}, "XXX"),
        ({"country_iso_code": ""}, ""),
        ({"on_cloud": "Y", "cloud_provider": "gcp", "cloud_region": "us-central1"}, "gcp:us-central1"),
    ],
)
def test_grid_zone_of_a_row(lab: SimpleNamespace, tmp_path: Path, changes: dict[str, str], zone: str) -> None:
    """Zones are written as everywhere else; without a zone the grid is an assumed one."""
    ledger = FolderLedger(tmp_path, lab.NOW)
    assert _put(lab, ledger, _csv({**ROW, **changes})).added == 1
    (entry,) = _entries(ledger)
    assert (entry.grid_zone, entry.grid_assumed) == (zone, not zone)


@LAW
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 5)), min_size=1, max_size=12), st.integers(0, 12))
def test_rows_in_any_order_and_number_are_counted_once(
    lab: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory, drawn: Sequence[tuple[str, int]], cut: int
) -> None:
    """The ledger has what a run's last row says: rows may be repeated, mixed, or imported in two parts."""
    rows = [
        {**ROW, "run_id": run, "duration": str(600 * step), "energy_consumed": str(step), "emissions": str(step / 10)}
        for run, step in drawn
    ]
    ledger = FolderLedger(tmp_path_factory.mktemp("ledger"), lab.NOW)
    first, second = _put(lab, ledger, _csv(*rows[:cut])), _put(lab, ledger, _csv(*rows))
    assert first.bad == second.bad == []
    assert first.added + first.known == len(rows[:cut])
    assert second.added + second.known == len(rows)
    for run in {run for run, _ in drawn}:
        whole_kwh = max(step for name, step in drawn if name == run)
        parts = [entry.energy_j or 0.0 for entry in _entries(ledger) if entry.run == run]
        assert math.fsum(parts) == pytest.approx(whole_kwh * 3_600_000)


def test_import_with_another_time_zone_adds_nothing(lab: SimpleNamespace, tmp_path: Path) -> None:
    """A run that was imported with a wrong time zone is not counted twice."""
    ledger = FolderLedger(tmp_path, lab.NOW)
    file = _csv(ROW)
    assert _put(lab, ledger, file).added == 1
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        file.seek(0)
        assert _put(lab, ledger, file, ZoneInfo(zone)) == ImportResult(0, 1, 0)


HEADER = ",".join(ROW) + "\n"
GOOD = ",".join(ROW.values()) + "\n"
LATER = GOOD.replace(",a,", ",b,")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (GOOD.replace("0.36", "nan"), "its energy_consumed is 'nan'; it must be a number that is not negative"),
        (GOOD.replace("0.12", "-1"), "its emissions is '-1'"),
        (
            GOOD.replace("2026", "2027"),
            "the record a.3600000 cannot be stored: it is dated 2027-06-10T12:00:00+00:00, which",
        ),
        (GOOD.replace("0.36", "1e300"), "the record a.3600000 cannot be stored: data.energy_j must be smaller"),
        (GOOD.replace(",N\n", "\n"), "it has more or fewer fields than the first line; was it cut short?"),
        (GOOD.replace(",N\n", ",N,N\n"), "it has more or fewer fields than the first line"),
        (GOOD.replace("training", "tr\udcffining"), "it is not UTF-8 text"),
        (GOOD.replace("training", "tr\0ining"), "it holds a zero byte"),
        (GOOD.replace("training", "x" * 200_000), "field larger than field limit (131072)"),
        (GOOD.replace("training", "x" * 5_000), "the record a.3600000 cannot be stored: data.job must be shorter"),
        (GOOD.replace("training", '"tr"ining'), "',' expected after '\"'"),
    ],
)
def test_invalid_rows_are_skipped(lab: SimpleNamespace, tmp_path: Path, line: str, complaint: str) -> None:
    """They are reported with their line; the rows around them are imported."""
    ledger = FolderLedger(tmp_path, lab.NOW)
    result = _put(lab, ledger, io.StringIO(HEADER + LATER + line + LATER.replace(",b,", ",c,"), newline=""))
    assert (result.added, [file.path for file in result.bad]) == (2, ["line 3"])
    assert result.bad[0].reason.startswith(complaint)
    assert {entry.run for entry in _entries(ledger)} == {"b", "c"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "the file has no column timestamp, run_id, duration, emissions, energy_consumed; is it CodeCarbon's"),
        ("a,b\n1,2\n", "the file has no column timestamp, run_id, "),
        (HEADER.replace("run_id", "id"), "the file has no column run_id; is it CodeCarbon's emissions.csv?"),
        ("x" * 3_000_000, "the file's first line cannot be read (field larger than field limit"),
        ('"' + "x" * 200_000, "the file's first line cannot be read (field larger than field limit"),
        (
            HEADER.replace("region", "task_name"),
            "the file holds the tasks of a run; import the emissions.csv next to it",
        ),
    ],
)
def test_other_files_are_refused(lab: SimpleNamespace, tmp_path: Path, text: str, complaint: str) -> None:
    """A file that is not an emissions.csv is refused as a whole."""
    with pytest.raises(LedgerError) as error:
        _put(lab, FolderLedger(tmp_path, lab.NOW), io.StringIO(text, newline=""))
    assert str(error.value).startswith(complaint)


@pytest.mark.attack("bombs")
def test_endless_line_is_cut(lab: SimpleNamespace, tmp_path: Path, attack: Attack) -> None:
    """One line may be as large as the file: a part of it is read, and is no row; the rows behind it count."""
    ledger, asked = FolderLedger(tmp_path, lab.NOW), list[int | None]()

    class File(io.StringIO):
        def readline(self, size: int | None = -1, /) -> str:
            asked.append(size)
            return super().readline(size)

    text = HEADER + LATER + "x," * 2_000_000 + "\n" + LATER.replace(",b,", ",c,")
    result = _put(lab, ledger, File(text, newline=""))
    assert (result.added, [file.path for file in result.bad]) == (2, ["line 3"])
    assert set(asked) == {1_000_000}
    attack.ended("left out", result.bad[0].reason)
