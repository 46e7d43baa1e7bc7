# ruff: noqa: D103, INP001 - a script that is read once a year; its names say it
"""
Take the pictures of this folder: the alerts as mail programs and Slack show them.

    python docs/screenshots/render.py        needs Chromium

The stories are the README's; the Slack page is ours and draws the very blocks we send.
"""

from __future__ import annotations

import base64
import html
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

from crawler.alert import blocks
from crawler.alert.chart import chart
from crawler.alert.digest import bundle, digest_message
from crawler.alert.message import message
from crawler.alert.notice import heartbeat, notice_message
from crawler.alert.render import Templates
from crawler.alert.rules import key
from crawler.types import (
    Alert,
    AlertKind,
    BondType,
    Deal,
    DealType,
    Event,
    Qualifier,
    Report,
    Role,
    Round,
    SourceClass,
    Status,
    Tranche,
    UsdBasis,
)

HERE = Path(__file__).parent
NOON = datetime(2026, 11, 24, 11, 5, tzinfo=UTC)
DESK = "https://desk.example"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--force-device-scale-factor=2",
]  # fmt: skip


def report(event: Event, outlet: str, lang: str, title: str, minutes: int) -> Report:
    return Report(
        id=minutes + 1,
        event=event,
        role=Role.REPORT,
        url=f"https://{outlet.lower().replace(' ', '-')}.example/story",
        title=title,
        source=outlet,
        source_class=SourceClass.OUTLET,
        lang=lang,
        published=NOON + timedelta(minutes=minutes),
        seen_at=NOON + timedelta(minutes=minutes + 2),
    )


def zhipu() -> Deal:
    event = Event(
        type=DealType.FUNDING,
        status=Status.ANNOUNCED,
        company="Zhipu AI",
        aliases=("智谱AI",),
        amount=Decimal(1_000_000_000),
        qualifier=Qualifier.OVER,
        currency="CNY",
        amount_usd=Decimal(137_220_000),
        amount_usd_basis=UsdBasis.PRINTED,
        round=Round.STRATEGIC,
        lead_investors=("Hangzhou City Investment Group Industrial Fund", "Shangcheng Capital"),
        use_of_proceeds="next-generation GLM models",
        evidence=(
            "La startup ha annunciato di aver raccolto oltre 1 miliardo di yuan (137,22 milioni "
            "di dollari) in un nuovo round guidato da due fondi di Hangzhou."
        ),
        confidence=0.97,
    )
    english = replace(event, evidence="Zhipu AI said it raised more than 1 billion yuan.")
    return Deal(
        id="d-zhipu",
        revision=1,
        event=event,
        first_seen=NOON,
        updated=NOON,
        reports=(
            report(event, "Milano Tech", "it", "Zhipu AI raccoglie oltre un miliardo di yuan", 0),
            report(english, "Harbour Wire", "en", "Zhipu AI raises over 1 billion yuan", 14),
            report(english, "财讯日报", "zh", "智谱AI完成超10亿元战略融资", 31),
        ),
    )


def baidu() -> Deal:
    event = Event(
        type=DealType.BOND,
        status=Status.PRICED,
        company="Baidu",
        aliases=("百度",),
        amount=Decimal(10_000_000_000),
        qualifier=Qualifier.EXACT,
        currency="CNY",
        amount_usd=Decimal(1_400_000_000),
        amount_usd_basis=UsdBasis.FX_TABLE,
        bond_types=(BondType.OFFSHORE, BondType.SENIOR, BondType.DIM_SUM),
        tranches=(
            Tranche(
                amount=Decimal(7_500_000_000), tenor_years=5, maturity="2031",
                coupon_pct=Decimal("2.7"),
            ),
            Tranche(
                amount=Decimal(2_500_000_000), tenor_years=10, maturity="2036",
                coupon_pct=Decimal("3.0"),
            ),
        ),
        bookrunners=("Goldman Sachs", "Bank of China", "CICC"),
        evidence="百度宣布完成100亿元离岸人民币优先票据定价，五年期票面利率为2.70%。",
        confidence=0.94,
    )  # fmt: skip
    return Deal(
        id="d-baidu",
        revision=2,
        event=event,
        first_seen=NOON,
        updated=NOON,
        reports=(report(event, "财讯日报", "zh", "百度100亿元点心债完成定价", 95),),
    )


def alert(deal: Deal, **fields: Any) -> Alert:  # noqa: ANN401 - any of its fields
    usual: dict[str, Any] = {
        "key": key("desk", deal),
        "kind": AlertKind.NEW,
        "channel": "desk",
        "rule": "big",
        "deal": deal,
        "created": NOON,
    }
    return Alert(**usual | fields)


def earlier() -> Deal:
    deal = zhipu()
    event = replace(
        deal.event, amount=Decimal(3_000_000_000), amount_usd=Decimal(412_000_000),
        amount_usd_basis=UsdBasis.FX_TABLE, qualifier=Qualifier.EXACT, round=Round.UNSPECIFIED,
    )  # fmt: skip
    return replace(deal, id="d-old", event=event, first_seen=NOON - timedelta(days=90))


def changed() -> Alert:
    return alert(
        baidu(),
        kind=AlertKind.UPDATE,
        changed={
            "status": ('"planned"', '"priced"'),
            "amount": ("8000000000", "10000000000"),
        },
    )


def several() -> list[Alert]:
    base, made = zhipu(), []
    rows = [
        ("Mistral AI", 1_700_000_000, "EUR", 1_990_000_000, Round.SERIES_C, Status.ANNOUNCED),
        ("Helsing", 600_000_000, "EUR", 702_000_000, Round.SERIES_D, Status.COMPLETED),
        ("Moonshot AI", 500_000_000, "USD", 500_000_000, Round.SERIES_C, Status.RUMOURED),
        ("Preferred Networks", 19_000_000_000, "JPY", 122_000_000, Round.GROWTH, Status.ANNOUNCED),
        ("Upstage", 62_000_000_000, "KRW", 45_000_000, Round.SERIES_B, Status.COMPLETED),
    ]
    for n, (name, amount, currency, usd, round_, status) in enumerate(rows):
        event = replace(
            base.event, company=name, amount=Decimal(amount), currency=currency,
            amount_usd=Decimal(usd), round=round_, status=status, qualifier=Qualifier.EXACT,
        )  # fmt: skip
        made.append(alert(replace(base, id=f"d-{n}", event=event)))
    return [alert(base), alert(baidu()), *made]


def mails() -> dict[str, str]:
    shipped = Templates("mail")
    told = digest_message(
        bundle("mail", [replace(a, digest="daily") for a in several()], NOON), "en", DESK
    )
    png = base64.b64encode(chart(told.by_currency)).decode()
    new = alert(zhipu(), earlier=(earlier(),))
    alive = heartbeat(
        NOON, last_poll=NOON, sources=79, deals=12, pending=1, failing=["harbour-wire"]
    )
    return {
        "email-heartbeat": shipped.render("notice.html", notice_message(alive, "en", DESK)),
        "email-new": shipped.render("deal.html", message(new, "en", DESK)),
        "email-update-it": shipped.render("deal.html", message(changed(), "it", DESK)),
        "email-digest": shipped.render("digest.html", told).replace(
            "cid:chart@raisewire", f"data:image/png;base64,{png}"
        ),
    }


# --- a page that draws Slack's blocks ------------------------------------------------

PAGE = """<!DOCTYPE html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 18px 20px 22px; width: 640px; background: {ground}; color: {ink};
  font: 15px/22px Lato, "Noto Sans", "Noto Sans CJK SC", "Liberation Sans", sans-serif; }}
.message {{ display: flex; gap: 10px; margin-bottom: 22px; }}
.reply {{ margin-left: 46px; border-left: 3px solid {line}; padding-left: 14px; }}
.face {{ flex: 0 0 36px; height: 36px; border-radius: 6px; background: #1f5fd0; color: #fff;
  font-weight: bold; text-align: center; line-height: 36px; font-size: 17px; }}
.who b {{ font-weight: 800; }} .app {{ background: {line}; color: {grey}; font-size: 10px;
  border-radius: 3px; padding: 1px 4px; margin: 0 4px; font-weight: bold; }}
.context {{ margin: 8px 0; }}
.time, .context {{ color: {grey}; font-size: 12.5px; line-height: 19px; }}
h3 {{ font-size: 18px; line-height: 24px; margin: 4px 0 8px; font-weight: 800; }}
.section {{ margin: 6px 0; white-space: pre-wrap; }}
.fields {{ display: grid; grid-template-columns: 1fr 1fr; gap: 10px 18px; margin: 8px 0; }}
blockquote {{ margin: 2px 0; padding-left: 12px; border-left: 4px solid {line}; }}
a {{ color: {link}; text-decoration: none; }} .actions a {{ display: inline-block; color: {ink};
  border: 1px solid {edge}; border-radius: 4px; padding: 5px 12px; margin: 6px 8px 0 0;
  font-size: 13px; line-height: 18px; font-weight: bold; }}
.actions a.primary {{ background: #007a5a; border-color: #007a5a; color: #fff; }}
code {{ color: {link}; background: none; font: 12px/20px "Liberation Mono", monospace; }}
hr {{ border: 0; border-top: 1px solid {line}; margin: 12px 0; }}
</style>"""
LIGHT = {
    "ground": "#fff", "ink": "#1d1c1d", "grey": "#616061", "line": "#e4e4e5", "link": "#1264a3",
    "edge": "#bfbfc1",
}  # fmt: skip
DARK = {
    "ground": "#1a1d21", "ink": "#e8e8e8", "grey": "#ababad", "line": "#35373b",
    "link": "#5cb3e8", "edge": "#565856",
}  # fmt: skip


def slack_page(messages: list[tuple[list[dict[str, Any]], bool]], colours: dict[str, str]) -> str:
    drawn = "".join(_message(told, reply=reply) for told, reply in messages)
    return PAGE.format(**colours) + drawn


def _message(told: list[dict[str, Any]], *, reply: bool) -> str:
    body = "".join(_block(block) for block in told)
    return (
        f'<div class="message {"reply" if reply else ""}"><div class="face">r</div><div>'
        '<div class="who"><b>raisewire</b><span class="app">APP</span>'
        f'<span class="time">12:07</span></div>{body}</div></div>'
    )


def _block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "header":
            return f"<h3>{block['text']['text']}</h3>"
        case "divider":
            return "<hr>"
        case "section" if block.get("fields"):
            cells = "".join(f'<div class="section">{_mrkdwn(f)}</div>' for f in block["fields"])
            return f'<div class="fields">{cells}</div>'
        case "section":
            return f'<div class="section">{_mrkdwn(block["text"])}</div>'
        case "context":
            lines = "\n".join(map(_mrkdwn, block["elements"])).replace("\n", "<br>")
            return f'<div class="context">{lines}</div>'
        case "actions":
            return f'<div class="actions">{"".join(map(_button, block["elements"]))}</div>'
    raise ValueError(block["type"])


def _mrkdwn(text: dict[str, Any]) -> str:
    """Draw mrkdwn; what Slack reads as text is escaped there already."""
    said = text["text"]
    said = re.sub(r"<(https?://[^|>]+)\|([^>]*)>", r'<a href="\1">\2</a>', said)
    said = re.sub(r"(^|[\s>])\*([^*\n]+)\*", r"\1<b>\2</b>", said)
    said = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", said)
    return re.sub(r"^> (.*)$", r"<blockquote>\1</blockquote>", said, flags=re.MULTILINE)


def _button(element: dict[str, Any]) -> str:
    name = html.escape(element.get("style", ""))
    return f'<a class="{name}" href="#">{element["text"]["text"]}</a>'


def _dicts(made: list[Any]) -> list[dict[str, Any]]:
    return [block.to_dict() for block in made]


def slacks() -> dict[str, str]:
    new = message(alert(zhipu(), earlier=(earlier(),)), "en", DESK)
    update = message(changed(), "en", DESK)
    daily = bundle("desk", [replace(a, digest="daily") for a in several()], NOON)
    whole = message(replace(changed(), kind=AlertKind.NEW), "en", DESK)
    thread = [(_dicts(blocks.deal(whole)), False), (_dicts(blocks.follow_up(update)), True)]
    return {
        "slack-new": slack_page([(_dicts(blocks.deal(new)), False)], LIGHT),
        "slack-update-dark": slack_page(thread, DARK),
        "slack-digest": slack_page(
            [(_dicts(blocks.digest(digest_message(daily, "en", DESK))), False)], LIGHT
        ),
    }


# --- pictures -----------------------------------------------------------------------


def shoot(page: str, out: Path, width: int, *, dark: bool = False) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium: install the package chromium")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "page.html")
        source.write_text(page, encoding="utf-8")
        extra = ["--blink-settings=preferredColorScheme=0"] if dark else []
        command = [
            chromium, *FLAGS, *extra, f"--user-data-dir={folder}/profile",
            f"--window-size={width},2400", f"--screenshot={out}", source.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603 - our own command
    trim(out)


def trim(out: Path) -> None:
    """Cut what is empty at the bottom, and keep few enough colours for a small file."""
    picture = Image.open(out).convert("RGB")
    ground = Image.new("RGB", picture.size, picture.getpixel((2, 2)))
    box = ImageChops.difference(picture, ground).getbbox() or (0, 0, *picture.size)
    cut = picture.crop((0, 0, picture.width, min(box[3] + 40, picture.height)))
    cut.quantize(128).save(out, optimize=True)


def main() -> None:
    for name, page in mails().items():
        shoot(page, HERE / f"{name}.png", 680)
    shoot(mails()["email-new"], HERE / "email-new-dark.png", 680, dark=True)
    shoot(mails()["email-new"], HERE / "email-new-phone.png", 500)
    for name, page in slacks().items():
        shoot(page, HERE / f"{name}.png", 690)


if __name__ == "__main__":
    main()
