import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.service import ChatService
from storage.postgres.pool import Pool
from tests.support.chat import make_company
from tests.support.file_bench import Bench


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp())
    yield made
    shutil.rmtree(made)


@pytest.fixture
async def bench(pool: Pool, chat: ChatService, folder: Path) -> Bench:
    company, (anna, ben) = await make_company(pool, 2)
    made = Bench(pool, folder)
    made.anna = company.caller(anna)
    made.conversation = (await chat.open_conversation(made.anna, ben)).conversation
    return made
