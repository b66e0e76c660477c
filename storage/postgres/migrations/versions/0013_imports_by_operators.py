"""Imports from the command line belong to nobody."""

from storage.postgres.migrations.script import run_script

revision = "0013_imports_by_operators"
down_revision: str | None = "0012_sms"


def upgrade() -> None:
    run_script(revision)
