"""A message as Slack's Block Kit, within Slack's limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from crawler import safe
from crawler.alert.digest import DigestMessage, Total
from crawler.alert.message import Message, Source
from crawler.alert.notice import NoticeMessage
from crawler.alert.say import Said

SECTION, HEADER, SMALL, BLOCKS, TOTAL = 3000, 150, 1800, 50, 12_000
_DOT = {
    "rumoured": "◌",
    "planned": "○",
    "announced": "●",
    "priced": "◉",
    "completed": "✓",
    "withdrawn": "✕",
}


def fit(text: str, limit: int) -> str:
    """Return `text` escaped for mrkdwn and cut so that the escaped text keeps to `limit`."""
    if len(escaped := safe.slack(text)) <= limit:
        return escaped
    kept, room = [], limit - 1
    for letter in text:
        step = safe.slack(letter)
        if len(step) > room:
            break
        kept.append(step)
        room -= len(step)
    return "".join(kept) + "…"


def deal(message: Message) -> list[Block]:
    """Return a new deal in full."""
    return _within(
        [
            _header(message.headline, message.key),
            *_changes(message),
            *_quote(message),
            *_facts(message),
            *_earlier(message),
            *_sources(message),
            _small([message.confidence, message.conflict, message.why]),
            *_buttons(message),
        ]
    )


def follow_up(message: Message) -> list[Block]:
    """Return what changed, and the sentence that says so: short, for a thread."""
    return _within(
        [
            _header(message.headline, f"u-{message.key}"),
            *_changes(message),
            *_quote(message),
            *_sources(message),
            _small([message.confidence, message.conflict]),
            *_buttons(message),
        ]
    )


def digest(message: DigestMessage) -> list[Block]:
    """Return as many deals as fit, and the number of the others."""
    head = [
        _header(message.headline, message.key),
        _section(_bars(message.by_type, str(message.words["by_type"])), "types"),
        _section(_bars(message.by_currency, str(message.words["by_currency"])), "currencies"),
        DividerBlock(),
    ]
    lines = [_line(row) for row in message.rows]
    pages, shown = _pages(lines, room=TOTAL - _weight(head) - 400)
    left = len(lines) - shown
    rest = [str(message.words["also"]).format(left)] if left else []
    body: list[Block] = [_section(page, f"deals-{n}") for n, page in enumerate(pages)]
    return [*head, *body, _small([*rest, message.why])]


def notice(message: NoticeMessage) -> list[Block]:
    """Return what the house says of itself."""
    lines = "\n".join(fit(line, 1000) for line in message.lines)
    head = _header(message.headline, message.key)
    return [head, _section(lines, "lines"), _small([message.why])]


def shipped(said: Said) -> list[Block]:
    """Return whatever is said in our own blocks."""
    match said:
        case Message():
            return deal(said)
        case DigestMessage():
            return digest(said)
        case NoticeMessage():
            return notice(said)


def text(message: Said) -> str:
    """Return the line that notifications and screen readers use."""
    return fit(message.headline, 1000)


def own(rendered: str, key: str) -> list[Block]:
    """Return the text of a person's own template (already mrkdwn) as sections."""
    parts = [rendered[at : at + SECTION] for at in range(0, min(len(rendered), TOTAL), SECTION)]
    return [_section(part, f"{n}-{key}") for n, part in enumerate(parts) if part.strip()]


def _header(headline: str, ident: str) -> Block:
    # Slack reads &lt; as < in plain text too, and <!channel> there would be one in a push.
    text = PlainTextObject(text=fit(headline, HEADER), emoji=False)
    return HeaderBlock(text=text, block_id=f"rw-{ident}"[:255])


def _section(mrkdwn: str, ident: str) -> Block:
    # verbatim: Slack must not look for links, names or channels in what strangers wrote.
    return SectionBlock(text=_mrkdwn(mrkdwn), block_id=ident[:255])


def _mrkdwn(mrkdwn: str) -> MarkdownTextObject:
    return MarkdownTextObject(text=mrkdwn, verbatim=True)


def _changes(message: Message) -> list[Block]:
    if not message.changes:
        return []
    lines = [f"• {fit(change, 400)}" for change in message.changes[:6]]
    return [_section(f"*{message.words['changed']}*\n" + "\n".join(lines), "changes")]


def _facts(message: Message) -> list[Block]:
    fields = [
        _mrkdwn(f"*{safe.slack(label)}*\n{_marked(label, value, message)}")
        for label, value in message.facts[:10]
    ]
    return [SectionBlock(fields=fields, block_id="facts")] if fields else []


def _marked(label: str, value: str, message: Message) -> str:
    labels = message.words["label"]
    is_status = isinstance(labels, dict) and label == labels["status"]
    mark = f"{_DOT.get(message.status, '')} " if is_status else ""
    return mark + fit(value, 420)


def _quote(message: Message) -> list[Block]:
    if not message.quote:
        return []
    title = f"*{fit(message.quote_from, 120)}*\n> "
    return [_section(title + fit(message.quote, SECTION - len(title)), "proof")]


def _sources(message: Message) -> list[Block]:
    lines = [f"*{message.words['sources']}*", *map(_source, message.sources)]
    pages, shown = _pages(lines, room=SMALL)
    left = len(lines) - shown + message.sources_left
    if left:
        pages[0] += "\n" + fit(str(message.words["also"]).format(left), 60)
    return [ContextBlock(elements=[_mrkdwn(pages[0])], block_id="sources")]


def _source(source: Source) -> str:
    title = fit(source.title or source.outlet or source.url, 220)
    shown = f"<{safe.slack(source.url)}|{title.replace('|', '¦')}>" if source.url else title
    about = (fit(part, 90) for part in (source.outlet, source.when, source.language) if part)
    return " · ".join((shown, *about))


def _earlier(message: Message) -> list[Block]:
    if not message.earlier:
        return []
    lines = [f"• {fit(line, 300)}" for line in message.earlier]
    return [_section(f"*{fit(message.earlier_title, 150)}*\n" + "\n".join(lines), "earlier")]


def _small(parts: Iterable[str]) -> Block:
    return ContextBlock(elements=[_mrkdwn(fit(part, 600)) for part in parts if part])


def _buttons(message: Message) -> list[Block]:
    if not message.buttons:
        return []
    elements = [
        ButtonElement(
            text=PlainTextObject(text=fit(button.text, 75), emoji=False),
            url=button.url,
            action_id=f"raisewire-{button.act}",
            style="primary" if button.act == "open" else None,
        )
        for button in message.buttons
    ]
    return [ActionsBlock(elements=list(elements), block_id="actions")]


def _line(row: Message) -> str:
    """
    Return one deal of a digest, linked to its page or its first source.

    At most 270 characters, so that a page of 40 deals always has room.
    """
    url = row.url if len(safe.slack(row.url)) < 110 else ""
    name = fit(row.company, 60).replace("|", "¦")
    who = f"*<{safe.slack(url)}|{name}>*" if url else f"*{name}*"
    return f"• {who} · {fit(f'{row.figure} · {row.what} · {row.status_word}', 90)}"


def _bars(totals: Sequence[Total], title: str) -> str:
    rows = [
        f"`{'█' * max(1, round(total.share / 10)):<10}` {fit(total.name, 60)} · {total.count} · "
        f"{fit(total.text, 40)}"
        for total in totals[:8]
    ]
    return f"*{title}*\n" + "\n".join(rows)


def _pages(lines: Sequence[str], room: int) -> tuple[list[str], int]:
    """Pack whole lines into sections; return the pages and how many lines found room."""
    pages: list[str] = []
    for shown, line in enumerate(lines):
        if len(line) + 1 > room:
            return pages, shown
        room -= len(line) + 1
        if pages and len(pages[-1]) + 1 + len(line) <= SECTION:
            pages[-1] += "\n" + line
        else:
            pages.append(line)
    return pages, len(lines)


def _weight(blocks: Iterable[Block]) -> int:
    """Return the characters Slack counts: all text of all blocks."""
    return sum(_texts(block.to_dict()) for block in blocks)


def _texts(value: object) -> int:
    if isinstance(value, dict):
        return sum(
            len(item) if isinstance(item, str) and name in {"text", "url"} else _texts(item)
            for name, item in value.items()
        )
    return sum(map(_texts, value)) if isinstance(value, (list, tuple)) else 0


def _within(blocks: Sequence[Block]) -> list[Block]:
    """Drop what a reader misses least (the last but buttons) until Slack takes the message."""
    kept = list(blocks)
    while len(kept) > 2 and (_weight(kept) > TOTAL or len(kept) > BLOCKS):
        kept.pop(-2)
    return kept
