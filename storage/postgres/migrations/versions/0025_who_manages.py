"""An index of those who may manage somebody."""

from storage.postgres.migrations.script import run_script

revision = "0025_who_manages"
down_revision: str | None = "0024_passkeys"


def upgrade() -> None:
    run_script(revision)
