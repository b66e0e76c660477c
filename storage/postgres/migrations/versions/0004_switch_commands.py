"""What switches are to be told."""

from storage.postgres.migrations.script import run_script

revision = "0004_switch_commands"
down_revision: str | None = "0003_files"


def upgrade() -> None:
    run_script(revision)
