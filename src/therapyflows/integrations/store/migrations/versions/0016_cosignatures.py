"""Co-signatures of supervisors under approvals that need one."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

TIME = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "cosignatures",
        sa.Column("decision_id", sa.String(), primary_key=True),
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("reminders_sent", BIG, nullable=False),
        sa.Column("signed_by", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("signed_at", TIME, nullable=True),
        sa.Column("comment_content_id", sa.String(), nullable=True),
    )
    op.create_index("ix_cosignatures_state_asked_at", "cosignatures", ["state", "asked_at"])
    op.create_index("ix_cosignatures_draft_id", "cosignatures", ["draft_id"])
