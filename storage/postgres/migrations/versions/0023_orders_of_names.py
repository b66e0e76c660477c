"""Names in the order of the one who looks."""

from storage.postgres.migrations.script import run_script

revision = "0023_orders_of_names"
down_revision: str | None = "0022_audit"


def upgrade() -> None:
    run_script(revision)
