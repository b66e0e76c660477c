"""In which timeline a webhook has heard names."""

from storage.postgres.migrations.script import run_script

revision = "0030_webhook_timelines"
down_revision: str | None = "0029_languages"


def upgrade() -> None:
    run_script(revision)
