"""
The small linear model that decides: candidate features and hashed text in, probability out.

    score       = bias[type] + sum(dense[type][name] * value) + sum(table[type][cell] * strength)
    probability = 1 / (1 + exp(-(a * score + b)))        a, b: Platt, per type and language

The weights are trained by `raisewire train` (`training.py`), lie in `weights/` as int8 in
one `.npz` and are refused when their SHA-256 is not the one beside them. Without a weights
file the model starts cold: it believes the rules' own score (`rule_score`).
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from crawler.classify import features as text_features
from crawler.classify.stages import Stages
from crawler.errors import RaisewireError
from crawler.types import DealType

WEIGHTS = Path(__file__).parent / "weights" / "model.npz"

_CLIP = 5.0  # a feature further out than this is a mistake of its maker
_REASONS = 6


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which a candidate goes to review, is an event, and may alert."""

    store: float = 0.2
    decide: float = 0.5
    alert: float = 0.7


@dataclass(frozen=True, slots=True)
class Verdict:
    """A calibrated probability, the raw score behind it, and what weighed most."""

    probability: float
    score: float
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """The weights of one deal type."""

    bias: float = 0.0
    dense: Mapping[str, float] = field(default_factory=lambda: {"rule_score": 1.0})
    table: npt.NDArray[np.int8] | None = None
    scale: float = 0.0  # of one int8 step
    platt: Mapping[str, tuple[float, float]] = field(default_factory=lambda: {"all": (1.0, 0.0)})
    thresholds: Thresholds = field(default_factory=Thresholds)


def sigmoid(x: float) -> float:
    """Return the logistic function; never overflows."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, x))))


def _text_score(head: Head, text: str) -> float:
    if head.table is None:
        return 0.0
    cells, strength = text_features.hashed(text)
    return float(head.table[cells] @ strength) * head.scale


def _said(name: str, weight: float) -> str:
    return f"{name} {weight:+.2f}"


@dataclass(frozen=True)
class Model:
    """One head a deal type; `version` names the training run."""

    heads: Mapping[DealType, Head]
    version: str = "cold"
    stages: Stages = field(default_factory=dict)

    def thresholds(self, kind: DealType) -> Thresholds:
        """Return the thresholds of a deal type."""
        return self.heads[kind].thresholds if kind in self.heads else Thresholds()

    def judge(
        self, kind: DealType, lang: str, features: Mapping[str, float], text: str = ""
    ) -> Verdict:
        """
        Return how likely a candidate is an event of its article.

        Args:
            kind: its type; a type without a head is judged by its `rule_score` alone.
            lang: ISO 639-1; an unknown one takes the parameters of all languages.
            features: named, each about -1 to 1; absent is 0, unknown names are ignored.
            text: what `features.masked` returned.
        """
        head = self.heads.get(kind, Head())
        parts = {
            name: head.dense[name] * max(-_CLIP, min(_CLIP, value))
            for name, value in features.items()
            if value and name in head.dense
        }
        parts["language"] = head.dense.get(f"lang={lang}", 0.0)
        parts["wording"] = _text_score(head, text)
        score = head.bias + sum(parts.values())
        a, b = head.platt.get(lang) or head.platt.get("all") or (1.0, 0.0)
        weighty = sorted(parts.items(), key=lambda part: -abs(part[1]))[:_REASONS]
        why = tuple(_said(name, part) for name, part in weighty if abs(part) >= 0.05)
        return Verdict(sigmoid(a * score + b), score, why)


def cold() -> Model:
    """Return the model that believes the rules."""
    return Model({})


def _head_of(kind: str, card: Mapping[str, Any], arrays: Mapping[str, Any]) -> Head:
    known = card["heads"][kind]
    values = arrays[f"{kind}_dense"]
    return Head(
        bias=float(known["bias"]),
        dense={name: float(w) for name, w in zip(known["names"], values, strict=True)},
        table=arrays[f"{kind}_table"],
        scale=float(known["scale"]),
        platt={lang: (float(a), float(b)) for lang, (a, b) in known["platt"].items()},
        thresholds=Thresholds(**known["thresholds"]),
    )


def _digest_file(path: Path) -> Path:
    return path.with_suffix(".sha256")


def load(path: Path | None = None) -> Model:
    """
    Read weights and check them against the SHA-256 beside them; without a path, what ships.

    Raises:
        RaisewireError: the file is not the one its digest was made of.
    """
    if path is None:
        return shipped()
    raw = path.read_bytes()
    expected = _digest_file(path).read_text("ascii").split()[0]
    if hashlib.sha256(raw).hexdigest() != expected:
        raise RaisewireError(f"{path}: weights are damaged (SHA-256 differs); reinstall raisewire")
    with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
        card = json.loads(bytes(arrays["card"]).decode())
        heads = {DealType(kind): _head_of(kind, card, arrays) for kind in card["heads"]}
    return Model(heads, card["version"], card.get("stages", {}))


def _card_of(model: Model) -> dict[str, Any]:
    return {
        "version": model.version,
        "stages": model.stages,
        "heads": {
            kind.value: {
                "bias": head.bias,
                "names": list(head.dense),
                "scale": head.scale,
                "platt": {lang: list(pair) for lang, pair in head.platt.items()},
                "thresholds": {
                    "store": head.thresholds.store,
                    "decide": head.thresholds.decide,
                    "alert": head.thresholds.alert,
                },
            }
            for kind, head in model.heads.items()
        },
    }


def save(model: Model, path: Path) -> str:
    """Write weights and their SHA-256 beside them; return the digest."""
    arrays: dict[str, Any] = {"card": np.frombuffer(json.dumps(_card_of(model)).encode(), np.uint8)}
    for kind, head in model.heads.items():
        arrays[f"{kind.value}_dense"] = np.array(list(head.dense.values()), dtype=np.float32)
        empty = np.zeros(text_features.SIZE, dtype=np.int8)
        arrays[f"{kind.value}_table"] = empty if head.table is None else head.table
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    digest = hashlib.sha256(packed.getvalue()).hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed.getvalue())
    _digest_file(path).write_text(f"{digest}  {path.name}\n", "ascii")
    return digest


@cache
def shipped() -> Model:
    """Return the model that ships; the cold one where there is none."""
    return load(WEIGHTS) if WEIGHTS.exists() else cold()
