"""The first schema: runs and the features that pay for them, other records, baselines, sums of days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, None, None

LARGEST, LARGEST_SUM = 1e15, 1e30


def upgrade() -> None:
    """Make the tables. On PostgreSQL, runs and entries are partitioned by month, with one partition for all others."""
    _runs()
    op.create_table(
        "entries", *_key(), _text("id"), _text("feature"), sa.Column("share", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("repository", "day", "id", "feature"),
        sa.CheckConstraint("share >= 0 AND share <= 1.001", name="entries_share"),
        postgresql_partition_by="RANGE (day)",
    )  # fmt: skip
    op.create_index("entries_of_a_feature", "entries", ["feature", "day"])
    op.create_table(
        "records", *_key(), _text("id"), _text("kind"), _text("record"),
        sa.PrimaryKeyConstraint("repository", "day", "id"),
    )  # fmt: skip
    op.create_table(
        "baselines", _text("repository"), _text("path"), _text("folder"), _text("branch"), _text("started"),
        sa.Column("data", sa.LargeBinary, nullable=False), sa.PrimaryKeyConstraint("repository", "path"),
    )  # fmt: skip
    op.create_table("stale", *_key(), sa.PrimaryKeyConstraint("repository", "day"))
    op.create_table(
        "rollups", *_key(), sa.Column("number", sa.Integer, nullable=False), _text("rolled"), _whole("runs"), *_grid(),
        *_figures(), _whole("tests"), sa.PrimaryKeyConstraint("repository", "day", "number"),
        *_within("rollups", 0, LARGEST_SUM, *_figures(), _figure("grid_g_per_kwh"), _whole("tests")),
        *_within("rollups", 1, LARGEST_SUM, _whole("runs")),
    )  # fmt: skip
    op.create_index("rollups_of_a_feature", "rollups", ["repository", "rolled", "day"])
    op.create_index("rollups_of_all_repositories", "rollups", ["rolled", "day"])
    if op.get_context().dialect.name == "postgresql":
        op.execute("CREATE TABLE runs_other PARTITION OF runs DEFAULT")
        op.execute("CREATE TABLE entries_other PARTITION OF entries DEFAULT")


def _runs() -> None:
    op.create_table(
        "runs", *_key(), _text("id"), _text("run"), _whole("attempt"), _text("job"), _text("started"),
        _text("commit", True), _text("branch", True), _whole("pr", True), sa.Column("labels", sa.JSON, nullable=False),
        _text("method"), _text("machine"), _text("fingerprint"), *_grid(), *_figures(), _whole("tests"),
        _figure("wall_s"), _text("runner"), _text("conclusion"), sa.PrimaryKeyConstraint("repository", "day", "id"),
        *_within("runs", 0, LARGEST, *_figures(), _figure("grid_g_per_kwh"), _figure("wall_s"), _whole("tests")),
        *_within("runs", 1, LARGEST, _whole("attempt"), _whole("pr")),
        postgresql_partition_by="RANGE (day)",
    )  # fmt: skip
    op.create_index(
        "runs_of_a_pull_request", "runs", ["repository", "pr", "day"], postgresql_where=sa.text("pr IS NOT NULL")
    )


def _within(table: str, least: int, most: float, *columns: sa.Column[object]) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(f"{c.name} >= {least} AND {c.name} <= {most:.0f}", name=f"{table}_{c.name}")
            for c in columns]  # fmt: skip


def _key() -> list[sa.Column[object]]:
    return [_text("repository"), sa.Column("day", sa.Date, nullable=False)]


def _grid() -> list[sa.Column[object]]:
    return [_text("grid_zone"), sa.Column("grid_g_per_kwh", sa.Double, nullable=False),
            sa.Column("grid_assumed", sa.Boolean, nullable=False)]  # fmt: skip


def _figures() -> list[sa.Column[object]]:
    return [_figure(name) for name in (
        "energy_j", "energy_low_j", "energy_high_j", "reference_j", "operational_g", "embodied_g", "emissions_low_g",
        "emissions_high_g",
    )]  # fmt: skip


def _text(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _whole(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _figure(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Double, nullable=True)
