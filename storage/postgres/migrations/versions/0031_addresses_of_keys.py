"""Where the keys of portals that hand users over are read."""

from storage.postgres.migrations.script import run_script

revision = "0031_addresses_of_keys"
down_revision: str | None = "0030_webhook_timelines"


def upgrade() -> None:
    run_script(revision)
