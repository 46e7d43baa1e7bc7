"""Would Slack take this payload? The limits that its reference documents, and its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TOTAL = 13_000  # all text of all blocks; not documented, found by trying
_TEXT = 40_000


def complaint(payload: object) -> str | None:
    """Return the word with which Slack refuses `payload`, or None when it takes it."""
    if not isinstance(payload, dict):
        return "invalid_payload"
    text, blocks = payload.get("text", ""), payload.get("blocks", [])
    if not isinstance(text, str) or not isinstance(blocks, list):
        return "invalid_payload"
    if not text and not blocks:
        return "no_text"
    if len(text) > _TEXT:
        return "msg_too_long"
    if not _blocks(blocks):
        return "invalid_blocks"
    return "msg_blocks_too_long" if weight(blocks) > TOTAL else None


def weight(value: object) -> int:
    """Return how many characters of text there are in blocks."""
    if isinstance(value, dict):
        return sum(
            len(item) if name == "text" and isinstance(item, str) else weight(item)
            for name, item in value.items()
        )
    return sum(map(weight, value)) if isinstance(value, list) else 0


def _blocks(blocks: list[Any]) -> bool:
    if len(blocks) > 50 or not all(isinstance(block, dict) for block in blocks):
        return False
    idents = [block["block_id"] for block in blocks if "block_id" in block]
    fine = all(isinstance(i, str) and 0 < len(i) <= 255 for i in idents)
    return fine and len(set(idents)) == len(idents) and all(map(_block, blocks))


def _block(block: dict[str, Any]) -> bool:
    check = _KINDS.get(block.get("type", ""))
    return check is not None and check(block)


def _says(text: object, limit: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> bool:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return False
    words = text.get("text")
    # `emoji` is for plain text alone, `verbatim` for mrkdwn alone.
    stray = "verbatim" if text["type"] == "plain_text" else "emoji"
    return isinstance(words, str) and 0 < len(words) <= limit and stray not in text


def _header(block: dict[str, Any]) -> bool:
    return _says(block.get("text"), 150, ("plain_text",))


def _section(block: dict[str, Any]) -> bool:
    text, fields = block.get("text"), block.get("fields")
    if text is None and not fields:
        return False
    if text is not None and not _says(text, 3000):
        return False
    return fields is None or (0 < len(fields) <= 10 and all(_says(f, 2000) for f in fields))


def _context(block: dict[str, Any]) -> bool:
    elements = block.get("elements", [])
    return 0 < len(elements) <= 10 and all(
        _image(one) if one.get("type") == "image" else _says(one, 3000) for one in elements
    )


def _actions(block: dict[str, Any]) -> bool:
    elements = block.get("elements", [])
    idents = [one.get("action_id") for one in elements]
    return (
        0 < len(elements) <= 25 and len(set(idents)) == len(idents) and all(map(_button, elements))
    )


def _button(one: dict[str, Any]) -> bool:
    url, style = one.get("url", ""), one.get("style", "primary")
    return (
        one.get("type") == "button"
        and _says(one.get("text"), 75, ("plain_text",))
        and 0 < len(one.get("action_id", "x")) <= 255
        and len(url) <= 3000
        and style in {"primary", "danger"}
    )


def _divider(block: dict[str, Any]) -> bool:
    return set(block) <= {"type", "block_id"}


def _image(block: dict[str, Any]) -> bool:
    url, alt = block.get("image_url", ""), block.get("alt_text", "")
    return 0 < len(url) <= 3000 and 0 < len(alt) <= 2000


_KINDS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
    "image": _image,
}
