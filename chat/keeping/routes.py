"""The HTTP operation of export. `web/` serves and documents it."""

from chat.files.names import content_disposition
from chat.files.routes import HARMLESS, conversation_of
from chat.keeping.model import Format
from chat.keeping.service import ExportService
from wire.http import ExportQuery
from wire.operations import Answer, Ask, Content, Operation

_MEDIA_TYPES = {Format.JSON: "application/json", Format.TEXT: "text/plain; charset=utf-8"}


def operations(service: ExportService) -> list[Operation]:
    async def export_conversation(ask: Ask) -> Answer:
        query: ExportQuery = ask.query
        form = Format(query.format)
        name, parts = await service.export(ask.user, conversation_of(ask), form)
        headers = {**HARMLESS, "Content-Disposition": content_disposition(name)}
        return Answer(content=Content(parts, _MEDIA_TYPES[form]), headers=headers)

    return [
        Operation(
            name="export_conversation",
            method="GET",
            path="/v1/conversations/{conversation}/export",
            summary="Take a conversation along: all that its reader may see, as JSON or as text",
            handler=export_conversation,
            query=ExportQuery,
            errors=(401, 403, 404, 422, 429, 503),
            gives="application/json",
            tag="chat",
        ),
    ]
