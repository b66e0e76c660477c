"""A mask ends with the login that it was put on in."""

from storage.postgres.migrations.script import run_script

revision = "0020_masks"
down_revision: str | None = "0019_api_keys"


def upgrade() -> None:
    run_script(revision)
