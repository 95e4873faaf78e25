"""Intake forms as files: web form, fillable PDF, text PDF, scan, photo; read into the core's pages."""
