"""WebSocket commands about one's own presence. Everybody may say these things of themselves, and only of themselves."""

import time

from presence.service import PresenceService, clean_message
from wire.commands import (
    RegisterDevice,
    ReportCall,
    SetAppearOffline,
    SetDnd,
    SetStatus,
    UnregisterDevice,
    Why,
)
from wire.identity import Caller, CallId, DeviceId
from wire.replies import DeviceRegistered, Done, Explained


async def set_dnd(service: PresenceService, caller: Caller, command: SetDnd) -> Done:
    await service.set_dnd(caller.domain, caller.user, command.on)
    return Done(id=command.id)


async def set_appear_offline(service: PresenceService, caller: Caller, command: SetAppearOffline) -> Done:
    await service.set_appear_offline(caller.domain, caller.user, command.on)
    return Done(id=command.id)


async def set_status(service: PresenceService, caller: Caller, command: SetStatus) -> Done:
    until_ms = int((time.time() + command.expires_in) * 1000) if command.expires_in else 0
    await service.set_message(caller.domain, caller.user, command.message, until_ms)
    return Done(id=command.id)


async def why(service: PresenceService, caller: Caller, command: Why) -> Explained:
    return Explained(id=command.id, explanation=await service.explain(caller, command.user))


async def register_device(service: PresenceService, caller: Caller, command: RegisterDevice) -> DeviceRegistered:
    await service.register_device(
        caller.domain, caller.user, DeviceId(command.device), command.ttl, clean_message(command.label)
    )
    return DeviceRegistered(id=command.id, expires_at=time.time() + command.ttl)


async def unregister_device(service: PresenceService, caller: Caller, command: UnregisterDevice) -> Done:
    await service.unregister_device(caller.domain, caller.user, DeviceId(command.device))
    return Done(id=command.id)


async def report_call(service: PresenceService, caller: Caller, command: ReportCall) -> Done:
    await service.report_call(caller.domain, caller.user, CallId(command.call), command.phase)
    return Done(id=command.id)
