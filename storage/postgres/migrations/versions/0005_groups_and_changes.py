"""Groups, changes of messages, mute, and words to search for."""

from storage.postgres.migrations.script import run_script

revision = "0005_groups_and_changes"
down_revision: str | None = "0004_switch_commands"


def upgrade() -> None:
    run_script(revision)
