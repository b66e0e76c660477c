"""Rows of `messages` as the wire's records, for everything that reads them."""

import asyncpg
from msgspec import convert, to_builtins

from chat.model import NO_DETAILS, Details
from wire.identity import ConversationId
from wire.records import File, Message

COLUMNS = (
    "{0}.seq, {0}.sender, {0}.sent_at, {0}.client_id, {0}.body, {0}.rev, {0}.edited_at, {0}.deleted_at, {0}.details, "
    "{0}.files"
)
"""To be formatted with the name under which `messages` stands in the statement."""


def message_of(conversation: ConversationId, row: asyncpg.Record) -> Message:
    details = details_of(row["details"])
    return Message(
        conversation=conversation,
        seq=row["seq"],
        sender=row["sender"],
        body=row["body"],
        sent_at=row["sent_at"],
        client_id=row["client_id"],
        files=files_in(row["files"]),
        rev=row["rev"],
        edited_at=row["edited_at"],
        deleted_at=row["deleted_at"],
        reply_to=details.reply_to,
        mentions=details.mentions,
        reactions=details.reactions,
        line=details.line,
        delivery=details.delivery,
    )


def details_of(kept: object) -> Details:
    return NO_DETAILS if kept is None else convert(kept, Details)


def files_in(kept: object) -> list[File]:
    """What stands in `messages.files`."""
    return convert(kept, list[File]) if kept else []


def kept_details(details: Details | None) -> object:
    """For a jsonb column."""
    return None if details is None else to_builtins(details)
