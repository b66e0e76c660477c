"""Links that set a PIN, too."""

from storage.postgres.migrations.script import run_script

revision = "0015_welcome_links"
down_revision: str | None = "0014_password_links"


def upgrade() -> None:
    run_script(revision)
