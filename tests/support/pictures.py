"""Pictures and bombs, made on the spot: nothing of them lies in the repository."""

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from PIL import Image

ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), colour: str = "teal", mode: str = "RGB") -> bytes:
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind)
    return out.getvalue()


def photograph(size: tuple[int, int] = (400, 300), orientation: int = 6) -> bytes:
    """A JPEG as a telephone makes it: left half red as it lies, to be turned, with its camera and place in it."""
    image = Image.new("RGB", size, "blue")
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKE] = "SecretCamera"
    exif[GPS] = {1: "N", 2: (47.0, 22.0, 0.0)}
    out = BytesIO()
    image.save(out, "JPEG", exif=exif, icc_profile=b"SecretProfile" * 20, quality=95)
    return out.getvalue()


def pixel_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a megabyte that would become gigabytes: one bit a pixel, all of them the same."""
    row = b"\x00" * (width // 8 + 1)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def lying_png(width: int = 20_000, height: int = 20_000) -> bytes:
    """A few bytes that say they are a huge picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"x")) + _chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A small PNG with a compressed comment of a hundred megabytes."""
    comment = b"Comment\x00\x00" + zlib.compress(b"a" * 100_000_000, 9)
    plain = picture()
    at = plain.index(b"IDAT") - 4
    return plain[:at] + _chunk(b"zTXt", comment) + plain[at:]


def zip_bomb(size: int = 200_000_000) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("zeros", b"\x00" * size)
    return out.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
