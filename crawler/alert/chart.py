"""A small bar chart as PNG: mail programs strip SVG."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from crawler.alert.digest import Total

WIDTH, ROW, PAD, SCALE = 534, 28, 4, 2  # twice the size, for screens with small pixels
INK, GREY, BAR, TRACK = "#1b2430", "#66717f", "#2f6fde", "#e8edf5"


def chart(totals: Sequence[Total], limit: int = 8) -> bytes:
    """
    Return the dollars of each row as bars, on white; b"" when no row discloses a sum.

    The labels must be ASCII (currency codes and the like): the built-in font has no more.
    """
    rows = [total for total in totals if total.sum][:limit]
    if not rows:
        return b""
    height = 2 * PAD + ROW * len(rows)
    image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), "white")
    draw = ImageDraw.Draw(image)
    for n, total in enumerate(rows):
        _bar(draw, total, PAD + n * ROW)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _bar(draw: ImageDraw.ImageDraw, total: Total, top: int) -> None:
    left, right = 96, WIDTH - 140  # as wide as the digest's own bars
    font = ImageFont.load_default(13 * SCALE)
    middle = (top + ROW // 2) * SCALE
    end = left + max(4, round((right - left) * total.share / 100))
    draw.text((0, middle), _ascii(total.name), INK, font, anchor="lm")
    for until, colour in ((right, TRACK), (end, BAR)):
        box = [left * SCALE, middle - 8 * SCALE, until * SCALE, middle + 8 * SCALE]
        draw.rounded_rectangle(box, 4 * SCALE, colour)
    draw.text(((right + 12) * SCALE, middle), _short(float(total.sum)), INK, font, anchor="lm")
    draw.text((WIDTH * SCALE, middle), f"x{total.count}", GREY, font, anchor="rm")


def _short(dollars: float) -> str:
    return f"US${dollars / 1e9:,.2f}bn" if dollars >= 1e9 else f"US${dollars / 1e6:,.0f}m"


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()[:6]
