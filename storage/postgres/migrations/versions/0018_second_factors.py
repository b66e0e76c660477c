"""Second factors: authenticator apps, recovery codes, and domains that require one."""

from storage.postgres.migrations.script import run_script

revision = "0018_second_factors"
down_revision: str | None = "0017_file_usage"


def upgrade() -> None:
    run_script(revision)
