"""Decisions can be undone for a while, and say with how many edits a draft was approved."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("decisions", sa.Column("edits", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
    op.add_column("decisions", sa.Column("held_until", TIME))
    op.create_index("ix_decisions_held_until", "decisions", ["held_until"])
    op.add_column("void_decisions", sa.Column("edits", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
    op.add_column("void_decisions", sa.Column("settled_at", TIME))
    op.execute("UPDATE void_decisions SET settled_at = voided_at")
    op.create_index("ix_void_decisions_void_code_settled_at", "void_decisions", ["void_code", "settled_at"])
