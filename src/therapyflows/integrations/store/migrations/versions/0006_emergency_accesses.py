"""Uses of emergency access, and how they were judged."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TIME = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    words = ("user_id", "role", "client_id", "reason_code", "words_content_id")
    op.create_table(
        "emergency_accesses",
        sa.Column("id", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in words),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("notified_at", TIME, nullable=True),
        sa.Column("reminders_sent", BIG, nullable=False),
        sa.Column("reviewed_at", TIME, nullable=True),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("reviewed_by", "verdict", "comment_content_id")),
    )
    op.create_index("ix_emergency_accesses_user_id_expires_at", "emergency_accesses", ["user_id", "expires_at"])
    op.create_index("ix_emergency_accesses_reviewed_at", "emergency_accesses", ["reviewed_at"])
