"""The audit is only added to."""

from storage.postgres.migrations.script import run_script

revision = "0021_audit"
down_revision: str | None = "0020_masks"


def upgrade() -> None:
    run_script(revision)
