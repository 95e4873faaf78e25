"""Data-quality checks: Great Expectations suites over frames, each a function that returns a small result of ours.

The suites are dated data files in ``suites/``.  A result names expectations, fields and rows, never values, so it may
stand in an artifact, a log and the Data Docs.  Great Expectations takes seconds to import: it is loaded at first use.
"""
