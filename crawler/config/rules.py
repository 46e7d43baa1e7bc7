"""The `when` of an alert rule: conditions on a deal's typed fields."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from crawler.types import DealType, Status


class When(BaseModel):
    """All conditions given must hold; those not given hold always."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: tuple[DealType, ...] = (DealType.FUNDING, DealType.BOND)
    status: tuple[Status, ...] | None = None
    status_not: tuple[Status, ...] = ()
    min_usd: int | None = None
    languages: tuple[str, ...] | Literal["any"] = "any"
    watchlist: bool = False
