"""Where browsers take web push messages."""

from storage.postgres.migrations.script import run_script

revision = "0010_push"
down_revision: str | None = "0009_notifying"


def upgrade() -> None:
    run_script(revision)
