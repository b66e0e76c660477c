"""Who wants to be told of unread messages, how, and what they were told."""

from storage.postgres.migrations.script import run_script

revision = "0009_notifying"
down_revision: str | None = "0008_imports"


def upgrade() -> None:
    run_script(revision)
