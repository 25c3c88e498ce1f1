"""The tables themselves refuse figures that no run can have."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError


@pytest.mark.parametrize("figure", ["-1", "1e16", "NaN", "Infinity"])
def test_tables_refuse_impossible_figures(postgres: str, lab: SimpleNamespace, figure: str) -> None:
    """Figures that no run can have are refused by the table itself, whoever writes them."""
    lab.sql_ledger(postgres).append([lab.entry()])
    with psycopg.connect(postgres) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("UPDATE runs SET energy_j = %s::float", [figure])


@pytest.mark.parametrize("change", ["runs SET attempt = 0", "runs SET pr = 0", "runs SET tests = -1",
                                    "rollups SET energy_j = -1", "rollups SET runs = 0"])  # fmt: skip
def test_tables_refuse_impossible_counts(database: str, lab: SimpleNamespace, change: str) -> None:
    """Counts that no run or sum can have are refused by the tables, also in sums."""
    ledger = lab.sql_ledger(database)
    ledger.append([lab.entry()])
    ledger.compact(date(2026, 6, 15))
    with pytest.raises(IntegrityError):
        lab.run_sql(database, f"UPDATE {change}")
