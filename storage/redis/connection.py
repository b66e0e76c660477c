"""A connection to Redis that sends a command without a task of its own for it."""

import asyncio
from collections.abc import Iterable

from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import TimeoutError as TookTooLong


class _Prompt(AbstractConnection):
    """The driver's own sends each command through `asyncio.wait_for`. Below Python 3.12 that is a task for each, a
    quarter of what a command costs, and it swallows a cancellation that comes as the sending ends. What is sent has
    nearly always left when `writelines` returns, so there is nothing to wait for.
    """

    async def send_packed_command(self, command: bytes | str | Iterable[bytes], check_health: bool = True) -> None:
        if not self.is_connected:
            await self.connect_check_health(check_health=False)
        if check_health:
            await self.check_health()  # type: ignore[no-untyped-call]
        if isinstance(command, str):
            command = command.encode()
        try:
            writer = self._writer
            if writer is None:
                raise NotConnected("The connection was closed")
            writer.writelines([command] if isinstance(command, bytes) else command)
            if writer.transport.get_write_buffer_size():
                async with asyncio.timeout(self.socket_timeout):
                    await writer.drain()
        except TimeoutError:
            await self.disconnect(nowait=True)
            raise TookTooLong("Redis took too long to read a command") from None
        except OSError as error:
            await self.disconnect(nowait=True)
            raise NotConnected(f"Redis cannot be written to: {error}") from error
        except BaseException:
            await self.disconnect(nowait=True)  # half a command may be under way
            raise


class PromptConnection(_Prompt, Connection):
    """In the clear."""


class PromptEncryptedConnection(_Prompt, SSLConnection):
    """By TLS."""
