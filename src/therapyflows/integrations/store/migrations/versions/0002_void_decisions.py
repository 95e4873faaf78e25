"""Decisions that were taken back before they were carried out."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "void_decisions",
        sa.Column("id", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("draft_id", "verdict", "decided_by", "role")),
        sa.Column("decided_at", TIME, nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("content_id", "reason_code", "reason_content_id")),
        sa.Column("voided_at", TIME, nullable=False),
        sa.Column("void_code", sa.String(), nullable=False),
    )
