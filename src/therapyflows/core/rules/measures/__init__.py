"""Dated rule tables, each with its source."""
