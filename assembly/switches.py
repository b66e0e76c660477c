"""Plugs together what telephone switches tell, and what is told to them and to other programs."""

from assembly.shared import Shared, Work, seal_of
from pbx.commands import CommandService
from pbx.metrics import CommandMetrics
from pbx.service import Patience, SwitchService
from presence.service import PresenceService
from storage.postgres.pbx_sources import PostgresSourceStore
from storage.postgres.switch_commands import PostgresCommandStore
from storage.postgres.webhooks import PostgresWebhookStore
from storage.redis.sources import RedisSourceMemory
from webhooks.metrics import WebhookMetrics
from webhooks.service import WebhookService


def build_switches(shared: Shared, presence_service: PresenceService) -> tuple[SwitchService, Work, Work]:
    """What switches tell, and what runs to tell them and other programs."""
    settings, registry, outgoing = shared.settings, shared.registry, shared.outgoing
    switches = shared.parts.switches(
        PostgresSourceStore(shared.pool),
        RedisSourceMemory(shared.redis),
        presence_service,
        registry,
        Patience(silent=settings.switch_silent_seconds, call=settings.call_seconds),
    )
    to_switches = CommandService(
        PostgresCommandStore(shared.pool, seal_of(shared)), presence_service, outgoing, CommandMetrics(registry)
    )
    presence_service.on_wish = to_switches.wake
    to_programs = WebhookService(
        PostgresWebhookStore(shared.pool, seal_of(shared)),
        presence_service,
        outgoing,
        WebhookMetrics(registry),
        shared.gateway,
        timeline=lambda: shared.timeline.name,
    )
    return switches, to_switches.run(), to_programs.run()
