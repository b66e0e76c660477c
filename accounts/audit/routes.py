"""The HTTP operations of the audit. `web/` serves and documents them."""

from accounts.audit.service import AuditService
from wire.audit import AuditExportQuery, AuditPage, AuditQuery
from wire.operations import Answer, Ask, Content, Operation

_MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def operations(service: AuditService) -> list[Operation]:
    async def list_audit(ask: Ask) -> AuditPage:
        return await service.page(ask.user, ask.query)

    async def export_audit(ask: Ask) -> Answer:
        form = ask.query.format
        stream = await service.export(ask.user, ask.query)
        headers = {"Content-Disposition": f'attachment; filename="audit.{form}"'}
        return Answer(content=Content(stream, _MEDIA_TYPES[form]), headers=headers)

    return [
        Operation(
            name="list_audit",
            method="GET",
            path="/v1/audit",
            summary="Who did what, as whom, to whom, when and from where: the newest first, page by page",
            handler=list_audit,
            query=AuditQuery,
            returns=AuditPage,
            errors=(401, 403, 422, 503),
            tag="accounts",
        ),
        Operation(
            name="export_audit",
            method="GET",
            path="/v1/audit/export",
            summary="The same as one file, CSV or JSON",
            handler=export_audit,
            query=AuditExportQuery,
            gives="text/csv",
            errors=(401, 403, 422, 503),
            tag="accounts",
        ),
    ]
