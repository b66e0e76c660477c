"""Links that set a password."""

from storage.postgres.migrations.script import run_script

revision = "0014_password_links"
down_revision: str | None = "0013_imports_by_operators"


def upgrade() -> None:
    run_script(revision)
