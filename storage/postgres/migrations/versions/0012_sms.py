"""Numbers for text messages, and conversations with those outside."""

from storage.postgres.migrations.script import run_script

revision = "0012_sms"
down_revision: str | None = "0011_webhooks"


def upgrade() -> None:
    run_script(revision)
