"""Content names the draft that it was made for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("contents", sa.Column("draft_id", sa.String(), nullable=True))
