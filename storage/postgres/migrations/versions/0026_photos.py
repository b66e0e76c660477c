"""Photos of users."""

from storage.postgres.migrations.script import run_script

revision = "0026_photos"
down_revision: str | None = "0025_who_manages"


def upgrade() -> None:
    run_script(revision)
