"""A FreeSWITCH as its event socket shows it. Written after its documentation and source; no real one was recorded."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from tests.support.line_server import LineServer, Peer

PASSWORD = "an event socket's password"


@dataclass(slots=True)
class Channel:
    uuid: str
    direction: str
    user: str
    call_uuid: str
    dest: str
    callstate: str

    @property
    def name(self) -> str:
        return f"sofia/internal/{self.user}"

    def row(self) -> dict[str, str]:
        """As in `show channels`."""
        return {
            "uuid": self.uuid,
            "direction": self.direction,
            "created_epoch": "1795357150",
            "name": self.name,
            "state": "CS_EXECUTE" if self.direction == "inbound" else "CS_EXCHANGE_MEDIA",
            "cid_num": "",
            "dest": self.dest,
            "application": "",
            "context": "default",
            "secure": "",
            "presence_id": self.user,
            "callstate": self.callstate,
            "call_uuid": self.call_uuid,
            "initial_dest": self.dest,
        }

    def headers(self) -> dict[str, str]:
        """As in an event."""
        return {
            "Channel-State": "CS_EXECUTE",
            "Channel-Call-State": self.callstate,
            "Channel-Call-State-Number": "0",
            "Channel-Name": self.name,
            "Unique-ID": self.uuid,
            "Call-Direction": self.direction,
            "Presence-Call-Direction": self.direction,
            "Channel-HIT-Dialplan": "true",
            "Channel-Presence-ID": self.user,
            "Channel-Call-UUID": self.call_uuid,
            "Answer-State": "answered" if self.callstate == "ACTIVE" else "ringing",
            "Caller-Destination-Number": self.dest,
        }


class FakeFreeSwitch(LineServer):
    """Its phones are driven by the methods below; `tells` False: things change, and nobody is told."""

    half_a_message = b'Content-Length: 500\nContent-Type: text/event-json\n\n{"Event-Name":"CHA'

    def __init__(self, domain: str) -> None:
        super().__init__()
        self.domain = domain
        self.tells = True
        self.lets_in = True
        self.has_sql = True
        self.skew = 0
        self.core_uuid = secrets.token_hex(16)
        self.registrations: dict[str, dict[str, str]] = {}
        self.channels: dict[str, Channel] = {}
        self.dnd: set[str] = set()
        self.keeps_dnd = True
        self.commands: list[str] = []
        self.fired: list[dict[str, str]] = []
        self._sequence = 0

    def adapter(self, domain: str) -> list[str]:
        return ["freeswitch", "--port", str(self.port), "--domain", domain, "--dnd-realm", "dnd"]

    def secrets(self) -> dict[str, str]:
        return {"FREESWITCH_PASSWORD": PASSWORD}

    # ------------------------------------------------------------ phones

    async def register(self, extension: str, call_id: str = "", *, expires: int = 3_600) -> str:
        """A phone registers or refreshes; its Call-ID."""
        call_id = call_id or f"{secrets.token_hex(6)}@phone"
        is_refresh = call_id in self.registrations
        self.registrations[call_id] = {
            "reg_user": extension,
            "realm": self.domain,
            "token": call_id,
            "url": f"sofia/internal/sip:{extension}@192.0.2.9:5060",
            "expires": str(int(time.time()) + self.skew + expires + 60),
            "network_ip": "192.0.2.9",
            "network_port": "5060",
            "network_proto": "udp",
            "hostname": "pbx",
            "metadata": "",
        }
        await self.custom(
            "sofia::register",
            {
                "profile-name": "internal",
                "from-user": extension,
                "from-host": self.domain,
                "presence-hosts": f"{self.domain},192.0.2.1",
                "contact": f'"" <sip:{extension}@192.0.2.9:5060;transport=udp>',
                "call-id": call_id,
                "rpid": "unknown",
                "status": "Registered(UDP)",
                "expires": str(expires),
                "to-user": extension,
                "to-host": self.domain,
                "network-ip": "192.0.2.9",
                "network-port": "5060",
                "username": extension,
                "realm": self.domain,
                "user-agent": 'Deskphone "1.0": ünïcode\n\nand a blank line',
                **({"update-reg": "true"} if is_refresh else {}),
            },
        )
        return call_id

    async def unregister(self, device: str) -> None:
        row = self.registrations.pop(device)
        await self.custom(
            "sofia::unregister",
            {
                "profile-name": "internal",
                "username": row["reg_user"],
                "from-user": row["reg_user"],
                "from-host": self.domain,
                "contact": "",
                "call-id": device,
                "rpid": "unknown",
                "realm": self.domain,
                "expires": "0",
            },
        )

    async def expire(self, call_id: str) -> None:
        row = self.registrations.pop(call_id)
        await self.custom(
            "sofia::expire",
            {
                "profile-name": "internal",
                "call-id": call_id,
                "user": row["reg_user"],
                "host": self.domain,
                "contact": "",
                "expires": "1795357150",
                "user-agent": "Deskphone",
                "realm": self.domain,
            },
        )

    async def dial(self, extension: str, number: str) -> Channel:
        """A phone calls: its channel comes in, and is answered by nobody yet."""
        channel = self._channel("inbound", extension, number)
        await self._channel_event(channel, "CHANNEL_CREATE", "RINGING")
        await self._channel_event(channel, "CHANNEL_CALLSTATE", "RINGING")
        return channel

    async def ring(self, extension: str, caller: Channel) -> Channel:
        channel = self._channel("outbound", extension, extension, caller.uuid)
        await self._channel_event(channel, "CHANNEL_CREATE", "DOWN")
        await self._channel_event(channel, "CHANNEL_CALLSTATE", "DIALING")
        await self._channel_event(channel, "CHANNEL_CALLSTATE", "RINGING")
        return channel

    async def answer(self, *channels: Channel) -> None:
        for channel in channels:
            await self._channel_event(channel, "CHANNEL_CALLSTATE", "ACTIVE")
            await self._channel_event(channel, "CHANNEL_ANSWER", "ACTIVE")

    async def hold(self, channel: Channel, *, on: bool) -> None:
        await self._channel_event(channel, "CHANNEL_CALLSTATE", "HELD" if on else "UNHELD")
        if not on:
            channel.callstate = "ACTIVE"

    async def hang_up(self, *channels: Channel) -> None:
        for channel in channels:
            self.channels.pop(channel.uuid, None)
            await self._channel_event(channel, "CHANNEL_CALLSTATE", "HANGUP")
            await self._channel_event(channel, "CHANNEL_HANGUP_COMPLETE", "HANGUP", {"Hangup-Cause": "NORMAL_CLEARING"})
            await self._channel_event(channel, "CHANNEL_DESTROY", "HANGUP")

    async def set_dnd(self, extension: str, *, on: bool) -> None:
        """By a feature code in the dialplan, as docs/switches/freeswitch.md has it."""
        user = f"{extension}@{self.domain}"
        (self.dnd.add if on else self.dnd.discard)(user)
        await self.custom("presence::dnd", {"user": user, "on": "true" if on else "false"})

    async def press_dnd_key(self, extension: str, *, on: bool) -> None:
        """On a phone that asks the switch to do it (as-feature-event)."""
        await self.event(
            "PHONE_FEATURE_SUBSCRIBE",
            {
                "user": extension,
                "host": self.domain,
                "contact": f"<sip:{extension}@192.0.2.9:5060>",
                "call-id": "feature@phone",
                "expires": "3600",
                "cseq": "2",
                "profile_name": "internal",
                "hostname": "pbx",
                "device": extension,
                "Feature-Action": "SetDoNotDisturb",
                "Feature-Enabled": "true" if on else "false",
                "Action-Name": "doNotDisturbOn",
                "Action-Value": "true" if on else "false",
            },
        )

    async def restart(self) -> None:
        """All calls are gone, and so is what mod_db had; registrations are in a database."""
        await self.stop()
        self.channels.clear()
        self.dnd.clear()
        self.core_uuid, self._sequence = secrets.token_hex(16), 0
        await self.start()

    def _channel(self, direction: str, extension: str, dest: str, call_uuid: str = "") -> Channel:
        uuid = secrets.token_hex(16)
        user = f"{extension}@{self.domain}" if extension.isdecimal() else ""
        channel = Channel(uuid, direction, user, call_uuid or uuid, dest, "DOWN")
        self.channels[uuid] = channel
        return channel

    async def _channel_event(
        self, channel: Channel, name: str, callstate: str, more: Mapping[str, str] | None = None
    ) -> None:
        channel.callstate = callstate
        await self.event(name, {**channel.headers(), **(more or {})})

    async def custom(self, subclass: str, headers: Mapping[str, str]) -> None:
        await self.event("CUSTOM", {"Event-Subclass": subclass, **headers})

    async def event(self, name: str, headers: Mapping[str, str]) -> None:
        if not self.tells:
            return
        self._sequence += 1
        event = {
            "Event-Name": name,
            "Core-UUID": self.core_uuid,
            "FreeSWITCH-Hostname": "pbx",
            "Event-Date-Timestamp": str(int(time.time() * 1_000_000)),
            "Event-Sequence": str(self._sequence),
            **headers,
        }
        body = msgspec.json.encode(event)
        await self.tell(b"Content-Length: %d\nContent-Type: text/event-json\n\n%b" % (len(body), body))

    # ------------------------------------------------------------ the protocol

    async def serve(self, peer: Peer) -> None:
        if not self.lets_in:
            body = b"Access Denied, go away.\n"
            await self.send(peer, b"Content-Type: text/rude-rejection\nContent-Length: %d\n\n%b" % (len(body), body))
            return
        await self.send(peer, b"Content-Type: auth/request\n\n")
        while True:
            request = (await peer.reader.readuntil(b"\n\n")).decode().rstrip("\n")
            self.commands.append(request)
            if request.startswith("auth "):
                if request != f"auth {PASSWORD}":
                    # In one piece, so that the end is there together with the reason.
                    refusal = b"Content-Type: command/reply\nReply-Text: -ERR invalid\n\n"
                    notice = b"Disconnected, goodbye.\n"
                    head = b"Content-Type: text/disconnect-notice\nContent-Length: %d\n\n" % len(notice)
                    await self.send(peer, refusal + head + notice)
                    return
                await self._reply(peer, "+OK accepted")
                self.logins += 1
            elif request.startswith("event json "):
                peer.is_let_in = True
                await self._reply(peer, "+OK event listener enabled json")
            elif request.startswith("api "):
                body = self._api(request.removeprefix("api ")).encode()
                await self.send(peer, b"Content-Type: api/response\nContent-Length: %d\n\n%b" % (len(body), body))
            elif request.startswith("sendevent "):
                lines = [line.partition(": ") for line in request.split("\n")[1:]]
                self.fired.append({name: value for name, _, value in lines})
                await self._reply(peer, f"+OK {secrets.token_hex(8)}")
            else:
                await self._reply(peer, "-ERR command not found")
            await self.changed()

    def _api(self, request: str) -> str:
        verb, _, rest = request.partition(" ")
        match verb:
            case "strepoch":
                return str(int(time.time()) + self.skew)
            case "show" if not self.has_sql:
                return "-ERR SQL disabled, no data available!\n"
            case "show":
                rows = (
                    list(self.registrations.values())
                    if rest.startswith("registrations")
                    else [channel.row() for channel in self.channels.values()]
                )
                return _json({"row_count": len(rows), **({"rows": rows} if rows else {})})
            case "sofia":
                return "+OK"
            case "db":
                return self._db(rest.split("/"))
        return "-ERR no such command\n"

    def _db(self, words: list[str]) -> str:
        match words:
            case ["list", _]:
                return ",".join(sorted(self.dnd))
            case ["insert" | "delete", *_] if not self.keeps_dnd:
                return "-ERR Can't get DB Handle\n"
            case ["insert", _, key, _]:
                self.dnd.add(key)
            case ["delete", _, key]:
                self.dnd.discard(key)
        return "+OK"

    async def _reply(self, peer: Peer, text: str) -> None:
        await self.send(peer, f"Content-Type: command/reply\nReply-Text: {text}\n\n".encode())


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode() + "\n"
