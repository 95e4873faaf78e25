"""Prefect blocks: typed configuration that an operator edits."""
