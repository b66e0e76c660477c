"""In which language a user is written to."""

from storage.postgres.migrations.script import run_script

revision = "0029_languages"
down_revision: str | None = "0028_erasing_from_the_audit"


def upgrade() -> None:
    run_script(revision)
