"""What a file is called and what it is said to be: pure functions from what somebody claims to what is kept.

A name is shown, and becomes a file on somebody's disk: it holds no path, nothing invisible, nothing that turns the
direction of writing (so that `exe.gpj` cannot be read backwards), and nothing that a file system takes for something
else. A type is never taken from the uploader: it follows from the name, and for pictures from the bytes.
"""

import re
import unicodedata
from urllib.parse import quote

from wire.limits import LIMITS, REFUSED_FILE_TYPES

NAMELESS = "file"
UNKNOWN_TYPE = "application/octet-stream"

MEDIA_TYPES = {
    "7z": "application/x-7z-compressed",
    "aac": "audio/aac",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "eml": "message/rfc822",
    "gz": "application/gzip",
    "heic": "image/heic",
    "ics": "text/calendar",
    "m4a": "audio/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ogg": "audio/ogg",
    "pdf": "application/pdf",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "vcf": "text/vcard",
    "wav": "audio/wav",
    "webm": "video/webm",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
"""By the end of the name. What a browser might carry out (HTML, SVG, XML, scripts) is not among them on purpose."""

_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!")
HEAD_BYTES = 64
"""As much of a file's beginning as the functions below look at."""

_UNWANTED_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)")
_MOST_BYTES = 240
"""File systems count bytes, and browsers add something of their own."""


def clean_name(claimed: str) -> str:
    """The last part of what may be a path, without anything that could deceive. Cleaning twice is cleaning once."""
    text = unicodedata.normalize("NFC", re.split(r"[/\\]", claimed)[-1])
    text = "".join(each for each in text if unicodedata.category(each) not in _UNWANTED_CATEGORIES)
    text = " ".join(_FORBIDDEN.sub("_", text).split()).strip(". ")
    if _RESERVED.match(text):
        text = f"_{text}"
    return _shortened(text) or NAMELESS


def type_of_name(name: str) -> str:
    """The end of a clean name after its last dot, in lower case; empty if there is none."""
    stem, dot, end = name.rpartition(".")
    return end.strip().lower() if dot and stem else ""


def is_program(name: str, head: bytes) -> bool:
    """Whether a double click might run it, by its name or by its first bytes."""
    return type_of_name(name) in REFUSED_FILE_TYPES or head.startswith(_PROGRAMS)


def media_type_of(name: str, head: bytes) -> str:
    """A picture only by its bytes; everything else by its name, and unknown is what might be carried out."""
    return picture_type_of(head) or MEDIA_TYPES.get(type_of_name(name), UNKNOWN_TYPE)


def picture_type_of(head: bytes) -> str:
    """Of the kinds that get previews; empty: it is no such picture."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _PICTURES if head.startswith(start)), "")


def content_disposition(name: str) -> str:
    """Save it under this name, and do not show it (RFC 6266; RFC 8187 for what is not ASCII)."""
    plain = "".join(each if each.isascii() and each.isprintable() and each not in '"\\%' else "_" for each in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _shortened(name: str) -> str:
    """The end after the last dot stays, since it says what the file is."""
    stem, dot, end = name.rpartition(".")
    if not dot or len(end) > 20:
        stem, dot, end = name, "", ""
    while stem and (len(stem + dot + end) > LIMITS.file_name_length or len((stem + dot + end).encode()) > _MOST_BYTES):
        stem = stem[:-1]
    return (stem.rstrip(". ") + dot + end).strip(". ")
