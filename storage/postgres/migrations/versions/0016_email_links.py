"""Links that confirm an e-mail address."""

from storage.postgres.migrations.script import run_script

revision = "0016_email_links"
down_revision: str | None = "0015_welcome_links"


def upgrade() -> None:
    run_script(revision)
