"""Synthetic intake forms for the benchmark: people, layouts, renderings.  Imports nothing of the product."""
