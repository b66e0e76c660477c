"""Books of contacts with revisions, overlays, and what listing, sorting and searching people rest on."""

from storage.postgres.migrations.script import run_script

revision = "0006_contact_books"
down_revision: str | None = "0005_groups_and_changes"


def upgrade() -> None:
    run_script(revision)
