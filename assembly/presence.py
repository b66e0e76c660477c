"""Plugs presence together: the store, the settings of domains, and who may see whom."""

from accounts.permissions import Permission, Person, may, may_see_unlisted
from assembly.shared import Shared
from presence.service import PresenceService
from presence.view import Target
from storage.metrics import PresenceMetrics
from storage.postgres.presence_settings import PostgresPresenceSettingsStore
from storage.redis.presence import Silence
from wire.identity import Caller


def build_presence(shared: Shared) -> PresenceService:
    settings = shared.settings
    silence = Silence(int(settings.switch_silent_seconds * 1000), int(settings.calls_silent_seconds * 1000))
    store = shared.parts.presence_store(shared.redis, silence=silence, timeline=lambda: shared.timeline.name)
    PresenceMetrics(store, shared.registry)
    return PresenceService(store, PostgresPresenceSettingsStore(shared.pool), _may_see_target, _may_explain)


def _may_see_target(caller: Caller, target: Target) -> bool:
    return may_see_unlisted(caller, target.user, target.scope, target.site or None)


def _may_explain(caller: Caller, target: Target) -> bool:
    person = Person(caller.domain, target.user, target.scope, target.site or None, listed=target.listed)
    return may(caller, Permission.EXPLAIN_PRESENCE, person)
