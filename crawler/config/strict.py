"""
Strict YAML: what is written is what is meant, and every value knows its line and column.

Plain YAML 1.1 reads `no` as False, `12:30:45` as 45045, lets a duplicate key win silently
and lets aliases explode. Here only `true` and `false` are booleans, numbers are decimal,
and duplicate keys, aliases, tags and merge keys are refused where they stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from crawler.errors import ConfigError

Place = tuple[int, int]  # line and column, both from 1
Path_ = tuple[str | int, ...]
MAX_BYTES = 1_000_000
MAX_DEPTH = 40
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[+-]?\d[\d_]*")
_DECIMAL = re.compile(r"[+-]?\d[\d_]*\.\d+")


@dataclass
class Parsed:
    """A document as plain data, and where each of its values (and keys) stands."""

    data: object = None
    values: dict[Path_, Place] = field(default_factory=dict)
    keys: dict[Path_, Place] = field(default_factory=dict)


def parse(text: str, file: Path | str) -> Parsed:
    """
    Read one strict YAML document.

    Raises:
        ConfigError: with file, line and column.
    """
    if len(text) > MAX_BYTES:
        raise ConfigError(f"larger than {MAX_BYTES:,} bytes: this is no config file", file=file)
    try:
        _check_events(text, file)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refusal(mark, error.problem or "not YAML", file) from None
    except yaml.YAMLError as error:
        raise ConfigError(f"not YAML: {' '.join(str(error).split())}", file=file) from error
    parsed = Parsed()
    parsed.data = {} if node is None else _value(node, (), parsed, file)
    return parsed


def _check_events(text: str, file: Path | str) -> None:
    """Refuse aliases and deep nesting before anything recursive sees them."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise _refusal(event.start_mark, "aliases (*name) are not allowed here", file)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _refusal(event.start_mark, "nested too deeply", file)


def _refusal(mark: Any, message: str, file: Path | str) -> ConfigError:  # noqa: ANN401 - two Marks
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return ConfigError(message, file=file, line=line, column=column)


def _value(node: yaml.Node, path: Path_, parsed: Parsed, file: Path | str) -> object:
    parsed.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, file)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), parsed, file) for i, item in enumerate(node.value)]
    return _mapping(node, path, parsed, file)


def _mapping(node: yaml.Node, path: Path_, parsed: Parsed, file: Path | str) -> dict[str, object]:
    data: dict[str, object] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode) or key_node.value == "<<":
            raise _refusal(key_node.start_mark, "a key must be a plain word", file)
        key = str(key_node.value)
        if key in data:
            line = parsed.keys[(*path, key)][0]
            message = f"the key {key!r} is given twice (first in line {line})"
            raise _refusal(key_node.start_mark, message, file)
        mark = key_node.start_mark
        parsed.keys[(*path, key)] = (mark.line + 1, mark.column + 1)
        data[key] = _value(value_node, (*path, key), parsed, file)
    return data


def _scalar(node: yaml.ScalarNode, file: Path | str) -> object:
    text = node.value
    if node.tag not in _KNOWN_TAGS:
        raise _refusal(node.start_mark, f"the tag {node.tag} is not allowed here", file)
    if node.style is not None:  # quoted or block: text, whatever it looks like
        return text
    plain = {"true": True, "false": False, "null": None, "~": None, "": None}
    if text in plain:
        return plain[text]
    if _INTEGER.fullmatch(text):
        return int(text.replace("_", ""))
    return float(text.replace("_", "")) if _DECIMAL.fullmatch(text) else text


_KNOWN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp")
)
