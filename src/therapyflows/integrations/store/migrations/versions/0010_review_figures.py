"""Decisions in numbers, for what is added up of them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TIME = sa.DateTime(timezone=True)
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "review_figures",
        sa.Column("decision_id", sa.String(), primary_key=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("workflow", "clinician_id", "decided_by", "verdict")
        ),
        sa.Column("decided_at", TIME, nullable=False),
        *(sa.Column(name, COUNT, nullable=False) for name in ("waited_s", "statements", "words")),
        *(sa.Column(name, COUNT, nullable=True) for name in ("edits", "active_s", "unseen")),
    )
    op.create_index("ix_review_figures_decided_at", "review_figures", ["decided_at"])
    op.create_index("ix_review_figures_decided_by_decided_at", "review_figures", ["decided_by", "decided_at"])
    op.create_index("ix_drafts_created_at", "drafts", ["created_at"])
