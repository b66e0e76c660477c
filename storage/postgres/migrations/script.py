"""Runs a revision's plain SQL file."""

from pathlib import Path

from alembic import op
from sqlalchemy.util import await_only

_VERSIONS = Path(__file__).parent / "versions"
_LOCK_TIMEOUT = "5s"
"""Soon: while an ALTER TABLE waits for one slow transaction, every later query of that table waits behind it."""
_STATEMENT_TIMEOUT = "10min"


def run_script(revision: str) -> None:
    """Executes `versions/<revision>.sql`, any number of statements, inside the transaction of this revision."""
    op.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
    op.execute(f"SET LOCAL statement_timeout = '{_STATEMENT_TIMEOUT}'")
    sql = (_VERSIONS / f"{revision}.sql").read_text(encoding="utf-8")
    # Through the driver itself: SQLAlchemy would prepare the text, and only single statements can be prepared.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    await_only(driver.execute(sql))
