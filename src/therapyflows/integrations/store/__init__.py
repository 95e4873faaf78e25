"""Encrypted store and audit trail on SQLite and PostgreSQL."""
