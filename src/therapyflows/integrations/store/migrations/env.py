"""Alembic runs this for every migration; the connection and its transaction come from ``_migrate``."""

from alembic import context

from therapyflows.integrations.store._tables import Table

context.configure(connection=context.config.attributes["connection"], target_metadata=Table.metadata)
context.run_migrations()
