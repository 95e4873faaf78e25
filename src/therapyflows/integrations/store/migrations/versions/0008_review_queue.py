"""The queue: what its rows show, who snoozed what, who has a draft in hand; indexes by state and person."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TIME = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("drafts", sa.Column("session_at", TIME, nullable=True))
    op.add_column("drafts", sa.Column("held_by", sa.String(), nullable=True))
    for column in ("client_id", "clinician_id"):
        op.create_index(f"ix_drafts_state_{column}", "drafts", ["state", column])
    op.create_table(
        "queue_facts",
        sa.Column("draft_id", sa.String(), primary_key=True),
        sa.Column("made_of", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("open_points", BIG, nullable=False),
        sa.Column("counts", sa.String(), nullable=False),
    )
    op.create_table(
        "snoozes",
        sa.Column("draft_id", sa.String(), primary_key=True),
        sa.Column("user_id", sa.String(), primary_key=True),
        sa.Column("until", TIME, nullable=False),
    )
