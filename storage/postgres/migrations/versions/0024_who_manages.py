"""An index of those who may manage somebody."""

from storage.postgres.migrations.script import run_script

revision = "0024_who_manages"
down_revision: str | None = "0023_orders_of_names"


def upgrade() -> None:
    run_script(revision)
