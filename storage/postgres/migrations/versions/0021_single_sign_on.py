"""Single sign-on, and users handed over by other portals."""

from storage.postgres.migrations.script import run_script

revision = "0021_single_sign_on"
down_revision: str | None = "0020_masks"


def upgrade() -> None:
    run_script(revision)
