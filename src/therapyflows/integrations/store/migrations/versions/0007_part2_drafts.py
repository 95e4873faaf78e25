"""A draft that was made while its client was of a 42 CFR Part 2 program stays marked as such."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("drafts", sa.Column("part2", sa.Boolean(), nullable=False, server_default=sa.false()))
