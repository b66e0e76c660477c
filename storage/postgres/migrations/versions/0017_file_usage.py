"""What the files of a domain take, and how much they may."""

from storage.postgres.migrations.script import run_script

revision = "0017_file_usage"
down_revision: str | None = "0016_email_links"


def upgrade() -> None:
    run_script(revision)
