"""Previews of pictures: small ones made anew from what could be read, never the bytes that somebody sent.

A picture is measured before it is unpacked, and one that would become too large is left alone: it stays a file to be
saved. JPEGs are unpacked at a fraction of their size where that is enough, so that photographs of any camera pass. A
preview is turned upright as its EXIF says, and has no EXIF, no place and no camera in it.
"""

import struct
import zlib
from io import BytesIO

from msgspec import Struct
from PIL import Image, ImageOps

MOST_PIXELS = 40_000_000
"""Unpacked into memory at once: 160 MB of it."""
MOST_PIXELS_OF_JPEG = 150_000_000
MOST_SIDE = 32_767
LARGE = 2_048
"""Pixels of the longer side, to be looked at; `SMALL` is for the line in the conversation, twice for fine screens."""
SMALL = 720
_EXIF_ORIENTATION = 0x0112
_QUALITY = 82

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_UNREADABLE = (
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    OverflowError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What Pillow raises about broken pictures, format by format."""

# Our own limit is looked at before anything is unpacked; Pillow's would be a warning about the same.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS_OF_JPEG


class Previews(Struct, frozen=True):
    """`width` and `height` of the picture itself, upright; the previews are WebP files."""

    width: int
    height: int
    small: bytes
    large: bytes


def previews_of(content: bytes) -> Previews | None:
    """None if it is no picture that can be shown. Takes up to a second and much memory: not on the event loop."""
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            return _previews(image) if _is_reasonable(image) else None
    except _UNREADABLE:
        return None


def square_of(content: bytes, side: int) -> bytes | None:
    """The middle of a picture as a WebP file of `side` pixels either way; None as of `previews_of`, and as slow."""
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            return _square(image, side) if _is_reasonable(image) else None
    except _UNREADABLE:
        return None


def _square(image: Image.Image, side: int) -> bytes | None:
    if image.format == "JPEG":
        image.draft("RGB", (2 * side, 2 * side))
        if image.size[0] * image.size[1] > MOST_PIXELS:
            return None
    return _encoded(ImageOps.fit(_plain(ImageOps.exif_transpose(image)), (side, side)))


def _is_reasonable(image: Image.Image) -> bool:
    width, height = image.size
    most = MOST_PIXELS_OF_JPEG if image.format == "JPEG" else MOST_PIXELS
    return 0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE and width * height <= most


def _previews(image: Image.Image) -> Previews | None:
    width, height = image.size
    is_turned = image.getexif().get(_EXIF_ORIENTATION, 1) in (5, 6, 7, 8)
    if image.format == "JPEG":
        image.draft("RGB", (LARGE, LARGE))
        if image.size[0] * image.size[1] > MOST_PIXELS:
            return None
    upright = _plain(ImageOps.exif_transpose(image))
    upright.thumbnail((LARGE, LARGE))
    large = _encoded(upright)
    upright.thumbnail((SMALL, SMALL))
    small = _encoded(upright)
    return Previews(height, width, small, large) if is_turned else Previews(width, height, small, large)


def _plain(image: Image.Image) -> Image.Image:
    """Nothing but pixels: no metadata, no palette."""
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    plain = image.convert("RGBA" if has_alpha else "RGB")
    plain.info = {}
    return plain


def _encoded(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "WEBP", quality=_QUALITY, method=2)
    return out.getvalue()
