"""Which tours of the review application a person has seen."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "tours_seen",
        sa.Column("user_id", sa.String(), primary_key=True),
        sa.Column("tour", sa.String(), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
