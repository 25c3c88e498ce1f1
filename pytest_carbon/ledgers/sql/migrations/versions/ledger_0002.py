"""Details of runs, for advice: outcomes, set-up, the costliest tests, idle CPUs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None


def upgrade() -> None:
    """Add a column for the details of a run; the runs so far have none."""
    op.add_column("runs", sa.Column("details", sa.JSON, nullable=True))
