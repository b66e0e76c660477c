import datetime as dt
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.support.faults.record import Record
from tests.support.faults.report import written
from tests.support.faults.site import Site
from tests.support.faults.table import ALL_FAULTS, Fault
from tests.support.faults.trial import tried
from tests.support.gateway import database_url, gateway, password_hash, people, pool, start_gateway

__all__ = ["database_url", "gateway", "password_hash", "people", "pool", "start_gateway"]


def _record(config: pytest.Config) -> Record | None:
    target = config.getoption("--faults-to")
    return Record(Path(target), written) if target else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out faults that were not asked for, and those that went well often enough."""
    names, times, record = config.getoption("--fault"), config.getoption("--faults-times"), _record(config)
    if unknown := set(names) - {fault.name for fault in ALL_FAULTS}:
        raise pytest.UsageError(f"there is no fault {', '.join(sorted(unknown))}")

    def is_wanted(item: pytest.Item) -> bool:
        fault = (
            item.callspec.params.get("fault")
            if isinstance(item, pytest.Function) and hasattr(item, "callspec")
            else None
        )
        if not isinstance(fault, Fault):
            return True
        is_due = record is None or not times or record.times(fault.name) < times
        return is_due and (not names or fault.name in names)

    left_out = [item for item in items if not is_wanted(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if is_wanted(item)]


@pytest.fixture
def survive(request: pytest.FixtureRequest, password_hash: str) -> Callable[[Fault, Site], Awaitable[None]]:
    """Tries a fault, and fails if it did more to people than it may; `--faults-to` keeps what was seen."""
    record = _record(request.config)

    async def survive(fault: Fault, site: Site) -> None:
        try:
            verdict = await tried(fault, site, password_hash)
            print(verdict)  # noqa: T201 - shown when the test fails
            assert verdict.twice == 0
            assert verdict.lost == 0 or fault.may_lose
            assert verdict.wrong <= fault.wrong
            assert verdict.recovered <= fault.recovered
        except Exception:
            if record is not None:
                record.not_survived(fault.name)
            raise
        if record is not None:
            record.survived(verdict, dt.datetime.now(dt.UTC).date())

    return survive
