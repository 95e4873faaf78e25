"""Training: a draft of an invented session with errors put in on purpose, which a person has to find.

It is no draft of the product: it has no row, no content in the store, no run and no decision, and nothing here knows
any of these (an import contract holds that).  What posts notes has no way to reach it.
"""
