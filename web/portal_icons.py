"""The portal's mark as pictures, for where a browser or a home screen takes no SVG: the two dots of `portal/icon.svg`.

Drawn several times too large and made smaller, for smooth edges.
"""

from io import BytesIO
from typing import Final, NamedTuple

from PIL import Image, ImageChops, ImageDraw

GROUND: Final = "#f3f1ec"
_BOX: Final = 32.0
"""Side of the drawing that the circles below are in."""
_OVERSIZE: Final = 8


class Circle(NamedTuple):
    x: float
    y: float
    radius: float
    colour: str


MARK: Final = (Circle(14, 14, 12, "#17834a"), Circle(23.5, 23.5, 8, "#fffefb"), Circle(23.5, 23.5, 6, "#1d63dd"))


class Icon(NamedTuple):
    """`share`: how much of the side the mark takes. Without `ground`: transparent; `is_badge`: its outline in white."""

    side: int
    share: float = 1.0
    ground: str | None = None
    is_badge: bool = False


ICONS: Final = {
    "icon-192.png": Icon(192),
    "icon-512.png": Icon(512),
    # Whatever shape a home screen cuts out: 80 % of the side are safe, and the mark is about as round as that.
    "maskable-192.png": Icon(192, 0.62, GROUND),
    "maskable-512.png": Icon(512, 0.62, GROUND),
    "touch-180.png": Icon(180, 0.7, GROUND),
    "badge-96.png": Icon(96, is_badge=True),
}


def icon_png(icon: Icon) -> bytes:
    side = icon.side * _OVERSIZE
    picture = Image.new("RGBA", (side, side), icon.ground or (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    scale = side * icon.share / _BOX
    margin = side * (1 - icon.share) / 2
    for number, circle in enumerate(MARK):
        x, y, radius = margin + circle.x * scale, margin + circle.y * scale, circle.radius * scale
        colour = _edge(icon) if number == 1 else "#ffffff" if icon.is_badge else circle.colour
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    kept = BytesIO()
    picture.resize((icon.side, icon.side), Image.Resampling.LANCZOS).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _edge(icon: Icon) -> str | tuple[int, int, int, int]:
    """Between the two dots; in a badge, of which only the outline counts, a gap."""
    return (255, 255, 255, 0) if icon.is_badge else icon.ground or MARK[1].colour


def is_same_picture(one: bytes, other: bytes) -> bool:
    """As it is seen: the same picture is compressed differently by other versions of the libraries."""
    pictures = [Image.open(BytesIO(each)).convert("RGBA") for each in (one, other)]
    if pictures[0].size != pictures[1].size:
        return False
    return max(ImageChops.difference(*pictures).tobytes()) <= 2
