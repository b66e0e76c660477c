"""The HTTP operations of imports and exports."""

from contacts.codecs.model import Format
from contacts.imports.exporting import export, file_name_of, media_type_of
from contacts.imports.service import ImportService
from contacts.listing import PeopleLists
from wire.imports import (
    ContactsExportQuery,
    Import,
    ImportCorrection,
    ImportRowsPage,
    ImportRowsQuery,
    NewImport,
)
from wire.limits import LIMITS
from wire.operations import Answer, Ask, Content, Operation


def operations(service: ImportService, lists: PeopleLists) -> list[Operation]:
    return [
        _upload_import(service),
        _get_import(service),
        _list_import_rows(service),
        _correct_import(service),
        _apply_import(service),
        _undo_import(service),
        _discard_import(service),
        _export_contacts(lists),
    ]


def _upload_import(service: ImportService) -> Operation:
    async def upload_import(ask: Ask) -> Import:
        assert ask.stream is not None
        return await service.upload(ask.user, ask.query, ask.stream)

    return Operation(
        name="upload_import",
        method="POST",
        path="/v1/contacts/imports",
        summary="Upload a file of contacts (vCard, or CSV of Google, Outlook or others), to look at it first",
        handler=upload_import,
        query=NewImport,
        takes_bytes=LIMITS.import_bytes,
        returns=Import,
        status=201,
        errors=(401, 403, 422, 429, 503),
        tag="imports",
    )


def _get_import(service: ImportService) -> Operation:
    async def get_import(ask: Ask) -> Import:
        return await service.find(ask.user, ask.path["import"])

    return Operation(
        name="get_import",
        method="GET",
        path="/v1/contacts/imports/{import}",
        summary="Where an import is, with its totals",
        handler=get_import,
        returns=Import,
        errors=(401, 403, 404, 503),
        tag="imports",
    )


def _list_import_rows(service: ImportService) -> Operation:
    async def list_import_rows(ask: Ask) -> ImportRowsPage:
        return await service.rows_page(ask.user, ask.path["import"], ask.query)

    return Operation(
        name="list_import_rows",
        method="GET",
        path="/v1/contacts/imports/{import}/rows",
        summary="What becomes of each row, page by page; complete once the import is ready",
        handler=list_import_rows,
        query=ImportRowsQuery,
        returns=ImportRowsPage,
        errors=(401, 403, 404, 422, 503),
        tag="imports",
    )


def _correct_import(service: ImportService) -> Operation:
    async def correct_import(ask: Ask) -> Import:
        return await service.correct(ask.user, ask.path["import"], ask.body)

    return Operation(
        name="correct_import",
        method="POST",
        path="/v1/contacts/imports/{import}/read",
        summary="Read the file again in another format or encoding",
        handler=correct_import,
        body=ImportCorrection,
        returns=Import,
        status=202,
        errors=(401, 403, 404, 409, 422, 503),
        tag="imports",
    )


def _apply_import(service: ImportService) -> Operation:
    async def apply_import(ask: Ask) -> Import:
        return await service.apply(ask.user, ask.path["import"])

    return Operation(
        name="apply_import",
        method="POST",
        path="/v1/contacts/imports/{import}/apply",
        summary="Import what was shown, all of it in one transaction; `import_changed` tells of the end",
        handler=apply_import,
        returns=Import,
        status=202,
        errors=(401, 403, 404, 409, 503),
        tag="imports",
    )


def _undo_import(service: ImportService) -> Operation:
    async def undo_import(ask: Ask) -> Import:
        return await service.undo(ask.user, ask.path["import"])

    return Operation(
        name="undo_import",
        method="POST",
        path="/v1/contacts/imports/{import}/undo",
        summary="Take an import back as a whole, but for what somebody has changed since",
        handler=undo_import,
        returns=Import,
        status=202,
        errors=(401, 403, 404, 409, 503),
        tag="imports",
    )


def _discard_import(service: ImportService) -> Operation:
    async def discard_import(ask: Ask) -> None:
        await service.discard(ask.user, ask.path["import"])

    return Operation(
        name="discard_import",
        method="DELETE",
        path="/v1/contacts/imports/{import}",
        summary="Forget an import; contacts that it made stay",
        handler=discard_import,
        errors=(401, 403, 404, 409, 503),
        tag="imports",
    )


def _export_contacts(lists: PeopleLists) -> Operation:
    async def export_contacts(ask: Ask) -> Answer:
        kind = Format(ask.query.format)
        stream = await export(lists, ask.user, ask.query.group, kind)
        disposition = f'attachment; filename="{file_name_of(kind)}"'
        return Answer(content=Content(stream, media_type_of(kind)), headers={"Content-Disposition": disposition})

    return Operation(
        name="export_contacts",
        method="GET",
        path="/v1/contacts/export",
        summary="The people of a group as a file: vCard, Google CSV or Outlook CSV",
        handler=export_contacts,
        query=ContactsExportQuery,
        gives="*/*",
        errors=(401, 422, 503),
        tag="imports",
    )
