"""Every limit a client meets, told to it at connect.

Each line says what it protects. Lengths are in characters unless they say bytes.
"""

from msgspec import Struct


class Limits(Struct, frozen=True, rename=None):
    frame_bytes: int = 65_536
    """A larger WebSocket frame ends the connection with 1009."""
    frame_bytes_before_login: int = 8_192
    message_length: int = 8_000
    """One chat message; about four screens of text."""
    status_length: int = 140
    name_length: int = 64
    page: int = 100
    """Most items in one page of any list; a larger `limit` is refused."""
    watched_users: int = 1_000
    """Most users whom one connection may name in `watch`."""
    watch_everybody: int = 5_000
    """In a domain with more users than this, a client is told of nobody until it names whom it looks at."""
    resume_conversations: int = 200
    """Most conversations whose position a client may bring at connect."""
    device_ttl: int = 3_600
    """Longest registration in seconds; a device refreshes before it ends."""
    devices_per_user: int = 20
    commands_per_second: int = 20
    command_burst: int = 60
    connections_per_user: int = 20
    """Tabs, phones and softphones of one person, per gateway."""


LIMITS = Limits()
