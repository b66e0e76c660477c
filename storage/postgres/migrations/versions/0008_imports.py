"""Imports of contacts: the file, what each row would do, and what it did."""

from storage.postgres.migrations.script import run_script

revision = "0008_imports"
down_revision: str | None = "0007_keeping"


def upgrade() -> None:
    run_script(revision)
