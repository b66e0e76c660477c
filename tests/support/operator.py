"""An operator at a terminal, who types `presence source ...`, or another command, on the stores of the test run."""

import asyncio

from click.testing import CliRunner, Result

from cli.main import main


class Operator:
    def __init__(self, database_url: str, redis_url: str, command: str = "source") -> None:
        self._command = command
        self._environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}

    def with_environment(self, **variables: str) -> "Operator":
        other = Operator("", "", self._command)
        other._environment = self._environment | variables
        return other

    async def types(self, *words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, main, [self._command, *words], env=self._environment)
