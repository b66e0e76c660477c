"""The audit lets go of what stood about somebody who is erased."""

from storage.postgres.migrations.script import run_script

revision = "0028_erasing_from_the_audit"
down_revision: str | None = "0027_administration"


def upgrade() -> None:
    run_script(revision)
