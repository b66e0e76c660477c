"""Administration keys, domains on their way out, and by which key something was done."""

from storage.postgres.migrations.script import run_script

revision = "0027_administration"
down_revision: str | None = "0026_photos"


def upgrade() -> None:
    run_script(revision)
