"""The revisions. alembic loads these files by their path."""
