"""Keys of programs."""

from storage.postgres.migrations.script import run_script

revision = "0019_api_keys"
down_revision: str | None = "0018_second_factors"


def upgrade() -> None:
    run_script(revision)
