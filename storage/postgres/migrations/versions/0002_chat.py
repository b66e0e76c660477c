"""Conversations, their members, and messages."""

from storage.postgres.migrations.script import run_script

revision = "0002_chat"
down_revision: str | None = "0001_core"


def upgrade() -> None:
    run_script(revision)
