"""An Asterisk as its manager interface shows it. Written after the documentation of AMI; no real one was recorded."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from tests.support.line_server import LineServer, Peer

USER, SECRET = "presence", "a manager's secret"
_STATES = {"0": "Down", "4": "Ring", "5": "Ringing", "6": "Up"}


@dataclass(slots=True)
class Channel:
    name: str
    unique: str
    linked: str
    state: str
    exten: str = ""
    application: str = ""

    def fields(self) -> dict[str, str]:
        return {
            "Channel": self.name,
            "ChannelState": self.state,
            "ChannelStateDesc": _STATES[self.state],
            "CallerIDNum": self.name.partition("/")[2].partition("-")[0],
            "CallerIDName": "<unknown>",
            "ConnectedLineNum": "<unknown>",
            "ConnectedLineName": "<unknown>",
            "Language": "en",
            "AccountCode": "",
            "Context": "from-internal",
            "Exten": self.exten,
            "Priority": "1",
            "Uniqueid": self.unique,
            "Linkedid": self.linked,
        }


class FakeAsterisk(LineServer):
    """Its phones are driven by the methods below; `tells` False: things change, and nobody is told."""

    half_a_message = b"Event: Newchannel\r\nChannel: PJSIP/1002-00000"

    def __init__(self) -> None:
        super().__init__()
        self.tells = True
        self.is_booted = True
        self.has_db_tree = True
        self.may_list = True
        self.skew = 0.0
        self.contacts: dict[str, dict[str, str]] = {}
        self.channels: dict[str, Channel] = {}
        self.database: dict[str, str] = {}
        self.device_states: dict[str, str] = {}
        self.actions: list[dict[str, str]] = []
        self._next = 0

    def adapter(self, domain: str) -> list[str]:
        return ["asterisk", "--port", str(self.port), "--user", USER, "--domain", domain]

    def secrets(self) -> dict[str, str]:
        return {"ASTERISK_SECRET": SECRET}

    def asked(self, name: str) -> int:
        """How often it was asked for this action."""
        return sum(action["action"].lower() == name for action in self.actions)

    # ------------------------------------------------------------ phones

    async def register(
        self, extension: str, *, expires: float = 3_600, uri: str = "", status: str = "Reachable"
    ) -> str:
        """A phone registers; its contact's address."""
        uri = uri or f"sip:{extension}@192.0.2.{len(self.contacts) + 1}:5060"
        is_new = uri not in self.contacts
        self.contacts[uri] = {
            "ObjectType": "contact",
            "ObjectName": f"{extension};@{hashlib.md5(uri.encode()).hexdigest()}",  # noqa: S324
            "ViaAddr": "192.0.2.7",
            "ViaPort": "5060",
            "QualifyTimeout": "3.000000",
            "CallId": f"{secrets.token_hex(4)}@phone",
            "RegServer": "",
            "PruneOnBoot": "no",
            "Path": "",
            "Endpoint": extension,
            "AuthenticateQualify": "no",
            "Uri": uri,
            "QualifyFrequency": "60",
            "UserAgent": "Deskphone/1.0: with a colon",
            "ExpirationTime": str(int(time.time() + self.skew + expires)),
            "OutboundProxy": "",
            "Status": status,
            "RoundtripUsec": "1532",
        }
        if is_new:
            await self._contact_status(uri, "NonQualified")
            await self._contact_status(uri, status)
        return uri

    async def unregister(self, device: str, status: str = "Removed") -> None:
        """Removed: gone; Unreachable: it does not answer OPTIONS any more."""
        await self._contact_status(device, status)
        if status == "Removed":
            del self.contacts[device]
        else:
            self.contacts[device]["Status"] = status

    async def _contact_status(self, uri: str, status: str) -> None:
        extension = self.contacts[uri]["Endpoint"]
        await self.event(
            "ContactStatus",
            {"URI": uri, "ContactStatus": status, "AOR": extension, "EndpointName": extension, "RoundtripUsec": "0"},
        )

    async def dial(self, extension: str, number: str) -> Channel:
        """A phone goes off the hook and dials."""
        channel = self._channel(f"PJSIP/{extension}", "", exten=number)
        await self._state(channel, "4", "Newchannel")
        return channel

    async def ring(self, extension: str, caller: Channel) -> Channel:
        """A phone begins to ring for a call."""
        channel = self._channel(f"PJSIP/{extension}", caller.linked)
        channel.application = "AppDial"
        await self._state(channel, "0", "Newchannel")
        await self.event("DialBegin", {f"Dest{name}": value for name, value in channel.fields().items()})
        await self._state(channel, "5", "Newstate")
        return channel

    async def answer(self, *channels: Channel) -> None:
        for channel in channels:
            await self._state(channel, "6", "Newstate")
        for channel in channels:
            await self.event("BridgeEnter", {"BridgeUniqueid": "b-1", "BridgeType": "basic", **channel.fields()})

    async def hold(self, channel: Channel, *, on: bool) -> None:
        await self.event("Hold" if on else "Unhold", channel.fields())

    async def hang_up(self, *channels: Channel) -> None:
        for channel in channels:
            self.channels.pop(channel.unique, None)
            await self.event("Hangup", {**channel.fields(), "Cause": "16", "Cause-txt": "Normal Clearing"})

    async def rename(self, channel: Channel, name: str) -> None:
        """What becomes of a channel into which a pickup or a transfer has put another phone."""
        old, channel.name = channel.fields(), name
        await self.event("Rename", {"Channel": old["Channel"], "Newname": name, "Uniqueid": channel.unique})

    async def set_dnd(self, extension: str, *, on: bool) -> None:
        """By the feature code of FreePBX."""
        if on:
            self.database[f"/DND/{extension}"] = "YES"
        else:
            self.database.pop(f"/DND/{extension}", None)
        await self._set_state(f"Custom:DND{extension}", "BUSY" if on else "NOT_INUSE")

    async def restart(self) -> None:
        """All calls are gone; registrations are in the database."""
        await self.stop()
        self.channels.clear()
        await self.start()

    def _channel(self, who: str, linked: str, exten: str = "s") -> Channel:
        self._next += 1
        unique = f"{int(time.time())}.{self._next}"
        channel = Channel(f"{who}-{self._next:08x}", unique, linked or unique, "0", exten)
        self.channels[unique] = channel
        return channel

    async def _state(self, channel: Channel, state: str, event: str) -> None:
        channel.state = state
        await self.event(event, channel.fields())

    async def _set_state(self, device: str, state: str) -> None:
        if self.device_states.get(device) != state:
            self.device_states[device] = state
            await self.event("DeviceStateChange", {"Device": device, "State": state})

    async def event(self, name: str, fields: Mapping[str, str]) -> None:
        if self.tells:
            await self.tell(_block({"Event": name, "Privilege": "call,all", **fields}))

    # ------------------------------------------------------------ the protocol

    async def serve(self, peer: Peer) -> None:
        await self.send(peer, b"Asterisk Call Manager/9.0.0\r\n")
        challenge = secrets.token_hex(4)
        while True:
            action = await _read_action(peer.reader)
            self.actions.append(action)
            name = action["action"].lower()
            if name == "challenge":
                await self._answer(peer, action, {"Response": "Success", "Challenge": challenge})
            elif name == "login":
                if not await self._log_in(peer, action, challenge):
                    return
            elif not peer.is_let_in:
                await self._answer(peer, action, {"Response": "Error", "Message": "Permission denied"})
            else:
                await self._act(peer, name, action)
            await self.changed()

    async def _log_in(self, peer: Peer, action: Mapping[str, str], challenge: str) -> bool:
        key = hashlib.md5((challenge + SECRET).encode()).hexdigest()  # noqa: S324
        if action.get("username") != USER or action.get("key") != key:
            await self._answer(peer, action, {"Response": "Error", "Message": "Authentication failed"})
            return False
        peer.is_let_in = True
        self.logins += 1
        await self._answer(peer, action, {"Response": "Success", "Message": "Authentication accepted"})
        if self.is_booted:
            await self.send(peer, _block({"Event": "FullyBooted", "Privilege": "system,all", "Status": "Fully Booted"}))
        return True

    async def _act(self, peer: Peer, name: str, action: Mapping[str, str]) -> None:
        match name:
            case "ping":
                stamp = f"{time.time() + self.skew:.6f}"
                await self._answer(peer, action, {"Response": "Success", "Ping": "Pong", "Timestamp": stamp})
            case "pjsipshowcontacts" if not self.may_list:
                await self._answer(peer, action, {"Response": "Error", "Message": "Permission denied"})
            case "pjsipshowcontacts":
                await self._list(peer, action, "ContactList", list(self.contacts.values()))
            case "coreshowchannels":
                rows = [
                    {**channel.fields(), "Application": channel.application, "ApplicationData": "", "BridgeId": ""}
                    for channel in self.channels.values()
                ]
                await self._list(peer, action, "CoreShowChannel", rows)
            case "dbgettree" if self.has_db_tree:
                rows = [{"Key": key, "Val": value} for key, value in self.database.items()]
                await self._list(peer, action, "DBGetTreeResponse", rows)
            case "command":
                lines = [f"{key:<50}: {value:<25}" for key, value in self.database.items()]
                printed = "".join(f"Output: {line}\r\n" for line in [*lines, f"{len(lines)} results found."])
                head = {"Response": "Success", "ActionID": action["actionid"], "Message": "Command output follows"}
                await self.send(peer, _block(head)[:-2] + printed.encode() + b"\r\n")
            case _:
                await self._change(peer, name, action)

    async def _change(self, peer: Peer, name: str, action: Mapping[str, str]) -> None:
        match name:
            case "dbput":
                self.database[f"/{action['family']}/{action['key']}"] = action["val"]
                await self._answer(peer, action, {"Response": "Success", "Message": "Updated database successfully"})
            case "dbdel":
                there = self.database.pop(f"/{action['family']}/{action['key']}", None)
                answer = ("Success", "Key deleted successfully") if there else ("Error", "Database entry not found")
                await self._answer(peer, action, {"Response": answer[0], "Message": answer[1]})
            case "pjsipnotify":
                await self._answer(peer, action, {"Response": "Success", "Message": "NOTIFY sent"})
            case "setvar":
                await self._answer(peer, action, {"Response": "Success", "Message": "Variable Set"})
                device = action["variable"].removeprefix("DEVICE_STATE(").removesuffix(")")
                await self._set_state(device, action["value"])
            case _:
                await self._answer(peer, action, {"Response": "Error", "Message": "Invalid/unknown command: x."})

    async def _list(self, peer: Peer, action: Mapping[str, str], item: str, rows: list[dict[str, str]]) -> None:
        mark = {"ActionID": action["actionid"]}
        head = {"Response": "Success", **mark, "EventList": "start", "Message": "A listing follows"}
        complete = {"Event": f"{item}Complete", **mark, "EventList": "Complete", "ListItems": str(len(rows))}
        blocks = [head, *({"Event": item, **mark, **row} for row in rows), complete]
        await self.send(peer, b"".join(_block(block) for block in blocks))

    async def _answer(self, peer: Peer, action: Mapping[str, str], fields: Mapping[str, str]) -> None:
        await self.send(peer, _block({"Response": fields["Response"], "ActionID": action["actionid"], **fields}))


def _block(fields: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n"


async def _read_action(reader: asyncio.StreamReader) -> dict[str, str]:
    fields: dict[str, str] = {}
    while (line := await reader.readline()) != b"\r\n" or not fields:
        if not line:
            raise asyncio.IncompleteReadError(b"", None)
        name, _, value = line.decode().strip().partition(":")
        with suppress(ValueError):
            fields[name.lower()] = value.strip()
    return fields
