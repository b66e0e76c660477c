"""How long a domain keeps its messages."""

from storage.postgres.migrations.script import run_script

revision = "0007_keeping"
down_revision: str | None = "0006_contact_books"


def upgrade() -> None:
    run_script(revision)
