"""Plugs chat together: conversations, files, text messages, push and mails about what is unread."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.permissions import may_see_unlisted
from assembly.shared import Shared, Work, files_url_of, mail_from, mail_sender
from chat.files.quota import GIGABYTE
from chat.files.service import FileService
from chat.keeping.service import ExportService, RetentionService
from chat.noticing import NoticingAnnouncer
from chat.notifying.service import DigestService, NotificationService
from chat.push.service import PushService
from chat.service import ChatService
from chat.sms.provider import HttpSmsProvider
from chat.sms.service import SmsService
from storage.objects import ObjectFileContents, open_objects
from storage.postgres.clock import SharedClock
from storage.postgres.files import PostgresFileStore
from storage.postgres.keeping import PostgresKeepingStore
from storage.postgres.notifying import PostgresNotifyingStore
from storage.postgres.push import PostgresPushStore
from storage.postgres.sms import PostgresSmsStore


@dataclass(slots=True)
class ChatParts:
    chat: ChatService
    files: FileService
    exports: ExportService
    notifications: NotificationService
    push: PushService
    sms: SmsService
    background: Sequence[Work]


def build_chat(shared: Shared) -> ChatParts:
    settings, pool, outgoing = shared.settings, shared.pool, shared.outgoing
    push = PushService(PostgresPushStore(pool), outgoing, settings.push_services, f"mailto:{mail_from(settings)}")
    store = shared.parts.chat_store(pool)
    provider = HttpSmsProvider(outgoing, settings.sms_url, settings.sms_secret) if settings.sms_url else None
    noticed = NoticingAnnouncer(shared.bus, push.notice)
    sms = SmsService(PostgresSmsStore(pool), store, noticed, provider, settings.sms_secret)
    chat_service = ChatService(store, NoticingAnnouncer(shared.bus, push.notice, sms.notice), may_see_unlisted)
    shared.stack.push_async_callback(chat_service.close)
    contents = ObjectFileContents(open_objects(files_url_of(settings)))
    files = FileService(PostgresFileStore(pool), contents, int(settings.files_quota_gb * GIGABYTE))
    keeping, notifying = PostgresKeepingStore(pool), PostgresNotifyingStore(pool)
    retention = RetentionService(keeping, shared.bus, shared.lease, may_believe=SharedClock(pool).agrees)
    digests = DigestService(notifying, mail_sender(shared), shared.lease, settings.public_url)
    return ChatParts(
        chat=chat_service,
        files=files,
        exports=ExportService(keeping),
        notifications=NotificationService(notifying),
        push=push,
        sms=sms,
        background=(
            files.run(),
            retention.run(),
            digests.run(),
            push.run(),
            sms.run(),
            chat_service.indexer.run(),
            chat_service.marks.run(),
        ),
    )
