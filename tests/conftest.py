"""What every test may ask for: one pair of real servers for the whole run, and fresh pairs for those that break them.

Tests are kept apart by domain name, not by database: each makes a domain of its own, which also exercises the walls
between domains all the time.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from storage.embedded import EmbeddedServers
from tests.support.folders import make_data_folder

# The same examples each time, for as long as they need: what is new is looked for by `python3 dev.py fuzz`.
settings.register_profile(
    "suite", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults-to", help="the file that gets the table of what each fault did to people")
    parser.addoption(
        "--fault", action="append", default=[], help="one fault by its name, instead of all; may be repeated"
    )
    parser.addoption(
        "--faults-times", type=int, default=0, help="leaves out what went well that often in a row already"
    )


@pytest.fixture(scope="session")
def servers() -> Iterator[EmbeddedServers]:
    """PostgreSQL and Valkey for the whole run. Do not stop, kill or flush them: others are using them."""
    folder = make_data_folder()
    with EmbeddedServers.start(folder, durable=False) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """An empty folder which also the account can reach that runs the servers when the tests run as root."""
    folder = make_data_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def used_folder() -> Iterator[Path]:
    """A data folder in which servers ran once, to be copied: making the data is the slow part of a first start."""
    folder = make_data_folder()
    EmbeddedServers.start(folder, durable=False).stop()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def prepared_folder(used_folder: Path, data_folder: Path) -> Path:
    """A data folder of the test's own in which servers ran before."""
    # By cp: it keeps the owners, which matter when root runs the tests.
    subprocess.run(["cp", "-a", f"{used_folder}/.", str(data_folder)], check=True)
    return data_folder


@pytest.fixture
def clean_servers(prepared_folder: Path) -> Iterator[Callable[[], EmbeddedServers]]:
    """Starts servers of the test's own, to be killed and restarted at will. All calls share `prepared_folder`."""
    started: list[EmbeddedServers] = []

    def start() -> EmbeddedServers:
        started.append(EmbeddedServers.start(prepared_folder, durable=False))
        return started[-1]

    yield start
    for running in reversed(started):
        running.stop()
