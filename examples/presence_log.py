"""Says what colour everybody becomes, and answers messages: `python examples/presence_log.py --help`.

PRESENCE_PASSWORD=... python examples/presence_log.py http://127.0.0.1:8000 1001@demo.test --answer "Back at two."
"""

import argparse
import asyncio
import os
import sys

from client import PresenceClient, log_in
from wire.events import AnyEvent, MessageAdded, PresenceChanged
from wire.records import Message


async def follow(url: str, login: str, password: str, answer: str) -> None:
    async def token(_refused: str | None) -> str:
        return await log_in(url, login, password)

    async with PresenceClient(url, token, name="presence log") as client:
        with client.events() as events:
            say(f"connected as {client.me}")
            async for event in events:
                tell(client, event)
                if answer and isinstance(event, MessageAdded) and is_for_us(client, event.message):
                    await client.send(event.message.conversation, answer, client_id=f"answer-{event.message.client_id}")


def tell(client: PresenceClient, event: AnyEvent) -> None:
    if not isinstance(event, PresenceChanged):
        return
    for record in event.users:
        person = client.people.everybody.get(record.user)
        name = f"{person.first_name} {person.last_name} ({person.extension})" if person else f"user {record.user}"
        say(f"{name}: {record.colour.value}, {record.reason.value}")


def is_for_us(client: PresenceClient, message: Message) -> bool:
    return message.sender != client.me and message.line is None


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="of the gateway")
    parser.add_argument("login", help="name@domain; the password is in PRESENCE_PASSWORD")
    parser.add_argument("--answer", default="", help="what to answer to every message")
    given = parser.parse_args()
    asyncio.run(follow(given.url, given.login, os.environ.get("PRESENCE_PASSWORD", ""), given.answer))


if __name__ == "__main__":
    main()
