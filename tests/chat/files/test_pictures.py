"""Previews: what they show, what they no longer hold, and what is not even tried."""

import time
import tracemalloc
from io import BytesIO

import pytest
from PIL import Image

from chat.files.pictures import LARGE, SMALL, previews_of
from tests.support.pictures import lying_png, photograph, picture, pixel_bomb, text_bomb, zip_bomb


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_of_each_kind_gets_previews(kind: str) -> None:
    previews = previews_of(picture(kind, (3_000, 1_500)))
    assert previews is not None
    assert (previews.width, previews.height) == (3_000, 1_500)
    small, large = opened(previews.small), opened(previews.large)
    assert (small.format, small.size) == ("WEBP", (SMALL, SMALL // 2))
    assert (large.format, large.size) == ("WEBP", (LARGE, LARGE // 2))


def test_a_small_picture_is_not_blown_up() -> None:
    previews = previews_of(picture(size=(10, 20)))
    assert previews is not None
    assert opened(previews.large).size == (10, 20)


def test_what_was_taken_upright_is_shown_upright() -> None:
    previews = previews_of(photograph((400, 300), orientation=6))
    assert previews is not None
    assert (previews.width, previews.height) == (300, 400)
    small = opened(previews.small).convert("RGB")
    assert small.size == (300, 400)
    top, bottom = small.getpixel((150, 50)), small.getpixel((150, 350))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > bottom[0], "the left half as it lies is the top when it is turned"


def test_previews_hold_no_place_and_no_camera() -> None:
    content = photograph()
    assert b"SecretCamera" in content
    assert b"SecretProfile" in content
    previews = previews_of(content)
    assert previews is not None
    for preview in (previews.small, previews.large):
        assert b"SecretCamera" not in preview
        assert b"SecretProfile" not in preview
        assert b"EXIF" not in preview
        assert not opened(preview).getexif()


def test_what_can_be_seen_through_stays_so() -> None:
    previews = previews_of(picture(mode="RGBA", colour="#ff000080"))
    assert previews is not None
    assert opened(previews.small).mode == "RGBA"


@pytest.mark.parametrize(
    "bomb", [pixel_bomb(), lying_png(), text_bomb(), lying_png(40_000, 10)], ids=["pixels", "lie", "text", "side"]
)
def test_a_bomb_is_left_alone_without_much_time_or_memory(bomb: bytes) -> None:
    assert len(bomb) < 3_000_000
    tracemalloc.start()
    started = time.process_time()
    assert previews_of(bomb) is None
    assert time.process_time() - started < 5
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a" + b"\xff" * 100,
        picture()[:-60],
        picture("JPEG")[:100],
        zip_bomb(1_000),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
    ],
)
def test_what_is_broken_or_no_picture_has_no_previews(content: bytes) -> None:
    assert previews_of(content) is None


def test_a_photograph_of_a_large_camera_is_unpacked_at_a_fraction() -> None:
    previews = previews_of(picture("JPEG", (12_000, 9_000)))
    assert previews is not None
    assert (previews.width, previews.height) == (12_000, 9_000)
