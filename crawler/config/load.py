"""From a file (or none) to a `Config`: secrets filled in, every mistake with its place."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, SecretStr, ValidationError

from crawler.config.catalogue import sources
from crawler.config.models import Config
from crawler.config.strict import Parsed, Path_, Place, parse
from crawler.errors import ConfigError

DEFAULT_FILE = Path("config.yaml")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NOISE = ("Value error, ", "Assertion failed, ")


class Loaded(NamedTuple):
    """A config, where it came from, and what is legal in it but unwise."""

    config: Config
    file: Path | None
    warnings: tuple[str, ...]


def load(file: Path | None, env: Mapping[str, str] | None = None) -> Loaded:
    """
    Read `file`; without one, `$RAISEWIRE_CONFIG`, then ./config.yaml, then the defaults.

    `$RAISEWIRE_DATABASE` wins over the file's `database`.

    Raises:
        ConfigError: one clear line, with file, line and column.
    """
    env = os.environ if env is None else env
    named = file or (Path(env["RAISEWIRE_CONFIG"]) if env.get("RAISEWIRE_CONFIG") else None)
    found = named or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    loaded = Loaded(Config(), None, ()) if found is None else _from_file(found, env)
    if env.get("RAISEWIRE_DATABASE"):
        changed = loaded.config.model_copy(update={"database": env["RAISEWIRE_DATABASE"]})
        loaded = loaded._replace(config=changed)
    if loaded.config.workers == "procrastinate" and loaded.config.database.startswith("sqlite"):
        raise ConfigError(
            "`workers: procrastinate` needs PostgreSQL as `database`", file=found or ""
        )
    return loaded


def _from_file(file: Path, env: Mapping[str, str]) -> Loaded:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", file=file) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8 text", file=file) from error
    return loads(text, file, env)


def loads(text: str, file: Path, env: Mapping[str, str]) -> Loaded:
    """Read a config from `text`; `file` names it in messages."""
    parsed = parse(text, file)
    if not isinstance(parsed.data, dict):
        raise ConfigError("must be a mapping: `key: value` lines", file=file, line=1, column=1)
    filler = _Filler(parsed, file, env)
    data = filler.fill(parsed.data)
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        raise _explained(error, parsed, file) from None
    _check_references(config, parsed, file)
    return Loaded(config, file, tuple(_warnings(config, parsed, file, filler.literal)))


@dataclass
class _Filler:
    """Replaces `${NAME}` by the environment and, for secrets, `key_file: path` by `key: …`."""

    parsed: Parsed
    file: Path
    env: Mapping[str, str]
    literal: set[Path_] = field(default_factory=set)

    def fill(self, value: object, path: Path_ = ()) -> object:
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, list):
            return [self.fill(item, (*path, i)) for i, item in enumerate(value)]
        if isinstance(value, dict):
            return dict(self._item(key, value, path) for key in value)
        return value

    def _item(self, key: str, value: dict[str, object], path: Path_) -> tuple[str, object]:
        if _is_file_key(path, key, value):
            place = _at(self.parsed, (*path, key))
            return key.removesuffix("_file"), _file_content(str(value[key]), place, self.file)
        return key, self.fill(value[key], (*path, key))

    def _text(self, text: str, path: Path_) -> str:
        if "${" not in text:
            self.literal.add(path)
        line, column = _at(self.parsed, path)

        def variable(match: re.Match[str]) -> str:
            problem = _problem(match[1], self.env)
            if problem:
                raise ConfigError(problem, file=self.file, line=line, column=column)
            return self.env[match[1]]

        return _VARIABLE.sub(variable, text)


def _problem(name: str, env: Mapping[str, str]) -> str:
    if not _NAME.fullmatch(name):
        return f"${{{name}}} is no variable name"
    if name not in env:
        return f"the environment variable {name} is not set (export {name}=… first)"
    return "" if env[name] else f"the environment variable {name} is empty"


def _is_file_key(path: Path_, key: str, siblings: Mapping[str, object]) -> bool:
    """Only channels and keys are secrets, so only there does `*_file` mean "its content"."""
    secret = path[:1] in {("channels",), ("llm",)} or path[:2] == ("web", "tokens")
    return secret and key.endswith("_file") and key[:-5] not in siblings


def _file_content(name: str, place: Place, file: Path) -> str:
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        message = f"the secret file {name} cannot be read: {reason}"
        raise ConfigError(message, file=file, line=place[0], column=place[1]) from error


def _at(parsed: Parsed, path: Path_, *, key: bool = False) -> Place:
    """Return the place of `path`, or of the nearest thing around it that the file contains."""
    while path:
        place = (parsed.keys.get(path) if key else None) or parsed.values.get(path)
        if place or (place := parsed.keys.get(path)):
            return place
        path = path[:-1]
    return (1, 1)


def _explained(error: ValidationError, parsed: Parsed, file: Path) -> ConfigError:
    first = error.errors(include_url=False)[0]
    path = _in_file(first["loc"], parsed)
    message = first["msg"]
    for noise in _NOISE:
        message = message.removeprefix(noise)
    unknown = first["type"] == "extra_forbidden"
    if unknown:
        message = f"unknown key {path[-1]!r}{_did_you_mean(str(path[-1]), first['loc'])}"
    elif first["type"] == "missing":
        message = f"the key {first['loc'][-1]!r} is missing{_inside(path)}"
    elif path:
        message = f"{path[-1] if isinstance(path[-1], str) else path[-2]}: {_lower(message)}"
    more = error.error_count() - 1
    if more:
        message += f" (and {more} more mistake{'s' if more > 1 else ''})"
    line, column = _at(parsed, path, key=unknown)
    return ConfigError(message, file=file, line=line, column=column)


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _inside(path: Path_) -> str:
    return f" in {'.'.join(str(part) for part in path)}" if path else ""


def _in_file(loc: tuple[str | int, ...], parsed: Parsed) -> Path_:
    """Drop from pydantic's location what is not in the file (a union's tag)."""
    path: Path_ = ()
    for part in loc:
        if (*path, part) in parsed.values or (*path, part) in parsed.keys:
            path = (*path, part)
    return path


def _did_you_mean(key: str, loc: tuple[str | int, ...]) -> str:
    known = sorted(_fields_at(loc[:-1]))
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if close:
        return f": did you mean {close[0]!r}?"
    return f": known here are {', '.join(known)}" if known else ""


def _fields_at(loc: tuple[str | int, ...]) -> set[str]:
    """Return the keys known at a pydantic location, by walking the models."""
    models: list[type[BaseModel]] = [Config]
    for part in loc:
        below = [model for parent in models for model in _below(parent, part)]
        models = below or models
    named = [model for model in models if _tag(model) in (None, *loc)]
    return {info.alias or name for model in named for name, info in model.model_fields.items()}


def _tag(model: type[BaseModel]) -> object:
    kind = model.model_fields.get("type")
    values: tuple[object, ...] = getattr(kind.annotation, "__args__", ()) if kind else ()
    only = next(iter(values), None)
    return only if len(values) == 1 and isinstance(only, str) else None


def _below(model: type[BaseModel], part: str | int) -> Iterator[type[BaseModel]]:
    for name, info in model.model_fields.items():
        if part in (name, info.alias):
            yield from _models_in(info.annotation)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


def _check_references(config: Config, parsed: Parsed, file: Path) -> None:
    try:
        sources(config)
    except ConfigError as error:
        line, column = _at(parsed, ("catalogue",), key=True)
        raise ConfigError(error.message, file=file, line=line, column=column) from None
    if not config.metrics.is_private and not config.web.tokens:
        line, column = _at(parsed, ("metrics", "listen"))
        message = "listen: others could read that: give `web.tokens` first, or use 127.0.0.1"
        raise ConfigError(message, file=file, line=line, column=column)
    for path, channel in _named_channels(config):
        if channel not in config.channels:
            close = difflib.get_close_matches(channel, config.channels, n=1)
            hint = f": did you mean {close[0]!r}?" if close else " under channels"
            line, column = _at(parsed, path)
            missing = f"there is no channel {channel!r}{hint}"
            raise ConfigError(missing, file=file, line=line, column=column)
    seen: set[str] = set()
    for i, source in enumerate(config.sources):
        if source.name in seen:
            line, column = _at(parsed, ("sources", i, "name"))
            message = f"two sources are called {source.name!r}"
            raise ConfigError(message, file=file, line=line, column=column)
        seen.add(source.name)


def _named_channels(config: Config) -> Iterator[tuple[Path_, str]]:
    for i, rule in enumerate(config.alerts):
        for j, channel in enumerate(rule.to):
            yield ("alerts", i, "to", j), channel
    for j, channel in enumerate(config.operators.to):
        yield ("operators", "to", j), channel


def _warnings(config: Config, parsed: Parsed, file: Path, literal: set[Path_]) -> Iterator[str]:
    for name, channel in config.channels.items():
        for key, value in channel:
            if isinstance(value, SecretStr) and ("channels", name, key) in literal:
                line, column = _at(parsed, ("channels", name, key))
                yield f"{file}:{line}:{column}: {key} is a secret: write ${{ENV}} or {key}_file"
    for name in config.web.tokens:
        if ("web", "tokens", name, "token") in literal:
            line, column = _at(parsed, ("web", "tokens", name, "token"))
            yield f"{file}:{line}:{column}: token is a secret: write ${{ENV}} or token_file"
    if ("llm", "api_key") in literal:
        line, column = _at(parsed, ("llm", "api_key"))
        yield f"{file}:{line}:{column}: api_key is a secret: write ${{ENV}} or api_key_file"
    told = {channel for _, channel in _named_channels(config)}
    for name in sorted(set(config.channels) - told):
        line, column = _at(parsed, ("channels", name), key=True)
        yield f"{file}:{line}:{column}: no alert rule sends to the channel {name!r}"
