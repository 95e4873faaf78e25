"""A decision notes that its run needs no waking any more, so that nobody looks at all decisions every few seconds."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("decisions", sa.Column("run_over_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE decisions SET run_over_at = decided_at WHERE draft_id IN "
        "(SELECT id FROM drafts WHERE state IN ('posted', 'incident', 'expired', 'cancelled'))"
    )
    op.create_index("ix_decisions_run_over_at", "decisions", ["run_over_at"])
