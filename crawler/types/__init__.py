"""
The nouns of the house: what travels down the street from a source to an alert.

Every value is frozen; the clock is always an argument. Amounts are `Decimal` in full
currency units, instants are timezone-aware UTC, and text is what the outlet printed
(hostile until `crawler.safe` has cleaned it for the place where it is shown).
"""

from crawler.types.alerts import Alert, AlertKind
from crawler.types.articles import (
    Analysis,
    Article,
    BondType,
    DealType,
    Document,
    Event,
    Figure,
    Qualifier,
    Quality,
    Round,
    Status,
    Tranche,
    UsdBasis,
)
from crawler.types.deals import Conflict, Deal, Report, Review, Revision, Role, Seat
from crawler.types.sources import (
    Desk,
    Entry,
    Failure,
    Fetch,
    Outcome,
    Page,
    Poll,
    PollResult,
    PollState,
    Robots,
    Source,
    SourceClass,
)

__all__ = [
    "Alert",
    "AlertKind",
    "Analysis",
    "Article",
    "BondType",
    "Conflict",
    "Deal",
    "DealType",
    "Desk",
    "Document",
    "Entry",
    "Event",
    "Failure",
    "Fetch",
    "Figure",
    "Outcome",
    "Page",
    "Poll",
    "PollResult",
    "PollState",
    "Qualifier",
    "Quality",
    "Report",
    "Review",
    "Revision",
    "Robots",
    "Role",
    "Round",
    "Seat",
    "Source",
    "SourceClass",
    "Status",
    "Tranche",
    "UsdBasis",
]
