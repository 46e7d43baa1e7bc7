"""Two hundred invented rounds, each of a company of its own."""

from __future__ import annotations

from tests.fakes.live import LiveNewsroom

OUTLETS = ("harbour-wire", "ledger-lane", "stack-and-strip", "coupon-desk")
_TREES = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel", "Iris", "Juniper"]
_TRADES = [
    "Robotics",
    "Analytics",
    "Compute",
    "Optics",
    "Bionics",
    "Logistics",
    "Energy",
    "Foundry",
    "Signals",
    "Minds",
]


def company(number: int) -> str:
    """Return the name of the company of round `number`, 0 to 999."""
    # Names that differ by letters alone are taken for spellings of one name, and rightly so.
    return f"{_TREES[number % 10]}{number:03} {_TRADES[number // 10 % 10]}"


def story(number: int) -> tuple[str, str]:
    """Return title and text of the news of round `number`."""
    name, size = company(number), f"${number + 10} million"
    text = (
        f"{name} has raised {size} in a Series B round led by Northgate Ventures.\n"
        "The company will hire forty engineers and open an office in Lisbon."
    )
    return f"{name} raises {size} in Series B round", text


def publish(live: LiveNewsroom, number: int, outlet: str = "") -> None:
    """Print the news of round `number`."""
    title, text = story(number)
    outlet = outlet or OUTLETS[number % len(OUTLETS)]
    live.publish(outlet, f"story-{number}", title, *text.split("\n"))
