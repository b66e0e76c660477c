"""Files that belong to conversations."""

from storage.postgres.migrations.script import run_script

revision = "0003_files"
down_revision: str | None = "0002_chat"


def upgrade() -> None:
    run_script(revision)
