"""Webhooks, and what they have heard."""

from storage.postgres.migrations.script import run_script

revision = "0011_webhooks"
down_revision: str | None = "0010_push"


def upgrade() -> None:
    run_script(revision)
