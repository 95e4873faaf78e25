"""The steps between the working copies of a draft, for undoing them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "draft_changes",
        sa.Column("id", BIG, primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("draft_id", "before_id", "after_id")),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("before_transcript_id", "after_transcript_id")),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_draft_changes_draft_id_id", "draft_changes", ["draft_id", "id"])
