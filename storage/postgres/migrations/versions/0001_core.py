"""Domains, sites, users, sessions, presence settings, contacts, favourites, audit, telephone switches."""

from storage.postgres.migrations.script import run_script

revision = "0001_core"
down_revision: str | None = None


def upgrade() -> None:
    run_script(revision)
