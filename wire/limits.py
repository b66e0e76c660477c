"""Every limit a client meets, told to it at connect.

Each line says what it protects. Lengths are in characters unless they say bytes.
"""

from msgspec import Struct

REFUSED_FILE_TYPES = (
    *("apk", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "deb", "dll", "dmg", "exe", "gadget", "hta", "inf"),
    *("ins", "isp", "jar", "jnlp", "js", "jse", "lnk", "mde", "msc", "msi", "msix", "msp", "mst", "pif", "ps1", "ps2"),
    *("psc1", "psc2", "reg", "rpm", "scf", "scr", "sct", "settingcontent-ms", "shb", "sys", "url", "vb", "vbe", "vbs"),
    *("vbscript", "vxd", "ws", "wsc", "wsf", "wsh", "xll"),
)


class Limits(Struct, frozen=True, rename=None):
    frame_bytes: int = 65_536
    """A larger WebSocket frame ends the connection with 1009."""
    frame_bytes_before_login: int = 16_384
    message_length: int = 8_000
    """One chat message; about four screens of text."""
    files_per_message: int = 10
    file_bytes: int = 26_214_400
    """One file; a larger one is refused while it is being sent."""
    file_name_length: int = 120
    file_unsent: int = 50
    """Files that somebody has uploaded and not yet sent; each is forgotten after a day."""
    file_hourly: int = 500
    """Files that somebody may upload within an hour."""
    file_uploads: int = 6
    """At the same time, of one person, per gateway."""
    refused_file_types: tuple[str, ...] = REFUSED_FILE_TYPES
    """Ends of names that are not taken: what a double click would run."""
    status_length: int = 140
    name_length: int = 64
    group_members: int = 200
    """Each message is told to all of them."""
    groups_per_user: int = 500
    mentions: int = 50
    """People named in one message."""
    reactions: int = 20
    """Different ones beside one message."""
    search_length: int = 200
    told_marks_members: int = 50
    """In a larger conversation, who writes and how far others have read is told only to those who show it
    (`set_shown`), and the marks of a second together: all would tell all."""
    typing_every: int = 3
    """Seconds: `typing` more often is told once. Whoever was not heard of for twice as long has stopped."""
    page: int = 100
    """Most items in one page of any list; a larger `limit` is refused."""
    watched_users: int = 1_000
    """Most users whom one connection may name in `watch`."""
    watch_everybody: int = 5_000
    """In a domain with more users than this, a client is told of nobody until it names whom it looks at."""
    listed_people: int = 2_000
    """With more coworkers and contacts than this a client reads lists page by page, and names as it needs them."""
    coworkers_at_once: int = 200
    """Users in one `get_coworkers`."""
    resume_conversations: int = 200
    """Most conversations whose position a client may bring at connect."""
    device_ttl: int = 3_600
    """Longest registration in seconds; a device refreshes before it ends."""
    devices_per_user: int = 20
    """Registered ones that are known; of more, from wherever, those that end last are kept, and nothing is refused."""
    calls_per_user: int = 100
    """Calls that are known, those that ended within ten minutes among them; of more, those that make busy are kept."""
    shared_contacts: int = 100_000
    """Most shared contacts of a domain."""
    own_contacts: int = 20_000
    """Most contacts of one user."""
    favourites: int = 1_000
    import_bytes: int = 67_108_864
    """Largest file of contacts; a few thousand cards with photos."""
    open_imports: int = 5
    """Imports of one user that are neither applied nor discarded."""
    commands_per_second: int = 20
    command_burst: int = 60
    user_commands_per_second: int = 40
    """By all connections of one person on a gateway together."""
    user_command_burst: int = 120
    connections_per_user: int = 20
    """Tabs, phones and softphones of one person, per gateway."""


LIMITS = Limits()
