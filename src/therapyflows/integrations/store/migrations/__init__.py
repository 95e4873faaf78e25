"""Alembic's folder: ``versions/`` holds the migrations, ``env.py`` runs them."""
