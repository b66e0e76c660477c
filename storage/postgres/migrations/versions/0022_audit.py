"""The audit is only added to."""

from storage.postgres.migrations.script import run_script

revision = "0022_audit"
down_revision: str | None = "0021_single_sign_on"


def upgrade() -> None:
    run_script(revision)
