"""In which language a company writes to people of whom none is known."""

from storage.postgres.migrations.script import run_script

revision = "0032_languages_of_domains"
down_revision: str | None = "0031_addresses_of_keys"


def upgrade() -> None:
    run_script(revision)
