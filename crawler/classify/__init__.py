"""
The room that reads: words in, events out. Pure: no clock, no network, no database.

    language    the script decides, then the label, then small words       language.py
    passage     title and body in sentences with offsets, capped           sentences.py, reading.py
    cues        the words of the trade, one pass, longest match wins       cues.py, lexicon/
    money       every sum of money                                         money.py
    binding     each sum is given to ONE head of its clause                binding.py
    candidates  heads that could announce a deal, with features            candidates.py
    names       companies, investors, people, places; whose deal is it     names.py, choice.py …
    slots       round, valuation, investors, terms, status                 slots.py, bonds.py …
    decision    a linear model: probability, or the rules' own score       model.py, analysis.py

`docs/classifier.md` tells how; `lexicon/README.md` explains the words. `Classifier.analyze`
never raises, its time is bounded whatever the text, and every name and sentence in an event
occurs in the article.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.classify import analysis, language, model
from crawler.config.models import Watch
from crawler.types import Analysis, DealType, Document


class Classifier:
    """Reads documents. Make one per process: words and weights are loaded once."""

    def __init__(self, watchlist: Sequence[Watch] = (), weights: model.Model | None = None) -> None:
        self._watched = tuple(name for one in watchlist for name in (one.name, *one.aliases))
        self._model = weights or model.shipped()

    def analyze(self, document: Document) -> Analysis:
        """Return everything a document says about deals."""
        try:
            return analysis.conclude(self._proposals(document), self._model)
        except (ArithmeticError, LookupError, RecursionError, ValueError) as fault:
            # Hostile text costs its own article, never the worker that reads it.
            return Analysis(lang="und", refused=(f"unreadable: {type(fault).__name__}",))

    def candidates(self, document: Document) -> Sequence[analysis.Proposal]:
        """Return every would-be event before the model decides: what training learns from."""
        return self._proposals(document).proposals

    def _proposals(self, document: Document) -> analysis.Proposals:
        return analysis.propose(document, language.detect(document), self._watched)


def doubt() -> dict[DealType, tuple[float, float]]:
    """Return between which probabilities the shipped model is unsure: from store to alert."""
    shipped = model.shipped()
    at = {kind: shipped.thresholds(kind) for kind in analysis.FLAGGED}
    return {kind: (found.store, found.alert) for kind, found in at.items()}


def alert_thresholds() -> dict[DealType, float]:
    """Return the confidence from which the shipped model would wake somebody, by deal type."""
    shipped = model.shipped()
    return {kind: shipped.thresholds(kind).alert for kind in analysis.FLAGGED}
