"""The HTTP operations of notifications. `web/` serves and documents them."""

from chat.notifying.service import NotificationService
from wire.http import NotificationSettings, NotificationSettingsEdit
from wire.operations import Ask, Operation

_PATH = "/v1/notifications"


def operations(service: NotificationService) -> list[Operation]:
    async def get_notifications(ask: Ask) -> NotificationSettings:
        return await service.settings(ask.user)

    async def edit_notifications(ask: Ask) -> NotificationSettings:
        return await service.edit(ask.user, ask.body)

    return [
        Operation(
            name="get_notifications",
            method="GET",
            path=_PATH,
            summary="How one wants to be told of unread messages",
            handler=get_notifications,
            returns=NotificationSettings,
            errors=(401, 403, 503),
            tag="chat",
        ),
        Operation(
            name="edit_notifications",
            method="PATCH",
            path=_PATH,
            summary="Change how one wants to be told of unread messages",
            handler=edit_notifications,
            body=NotificationSettingsEdit,
            returns=NotificationSettings,
            errors=(401, 403, 422, 503),
            body_bytes=4_096,
            tag="chat",
        ),
    ]
