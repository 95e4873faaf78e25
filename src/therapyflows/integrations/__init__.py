"""Adapters, a folder per port."""
