"""What the files of a domain take, and how much they may."""

from storage.postgres.migrations.script import run_script

revision = "0016_file_usage"
down_revision: str | None = "0015_welcome_links"


def upgrade() -> None:
    run_script(revision)
