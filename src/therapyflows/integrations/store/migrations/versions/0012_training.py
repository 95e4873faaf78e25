"""Attempts at training exercises."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

TIME = sa.DateTime(timezone=True)
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "training_attempts",
        sa.Column("id", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("user_id", "exercise")),
        sa.Column("seed", COUNT, nullable=False),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("marked", sa.String(), nullable=False),
        *(sa.Column(name, COUNT, nullable=False) for name in ("errors", "found", "false_alarms")),
    )
    op.create_index("ix_training_attempts_user_id_begun_at", "training_attempts", ["user_id", "begun_at"])
