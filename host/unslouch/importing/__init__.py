"""Exported logs brought back into the database."""
