"""Templates: ours, or a person's own of the same name, in Jinja2's sandbox."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from crawler import safe
from crawler.alert.say import Said
from crawler.errors import DeliveryError, Scope


def _escaped(name: str | None) -> bool:
    return bool(name) and str(name).endswith(".html")


class Templates:
    """
    The shipped templates, or those in `folder` where it has a file of the same name.

    `deal`, `digest` and `notice`, each `.txt` and `.html`; and `deal.slack` …, which we do
    not ship: if a folder has one, its text replaces our Slack blocks.
    """

    def __init__(self, channel: str, folder: Path | None = None) -> None:
        self.channel, self.folder = channel, folder

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        own: list[BaseLoader] = [FileSystemLoader(self.folder)] if self.folder else []
        shipped = PackageLoader("crawler.alert", "templates")
        environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([*own, shipped]),
            autoescape=_escaped,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.filters["slack"] = safe.slack
        return environment

    def has(self, name: str) -> bool:
        """Tell whether there is a template of this name."""
        try:
            self._environment.get_template(name)
        except TemplateNotFound:
            return False
        except TemplateError:
            return True  # rendering it will say what is wrong
        return True

    def render(self, name: str, message: Said) -> str:
        """
        Return the template filled in.

        Raises:
            DeliveryError: the template is wrong; the channel is held until it is mended.
        """
        try:
            return self._environment.get_template(name).render(m=message, w=message.words)
        except (TemplateError, TypeError, ArithmeticError, LookupError, ValueError) as e:
            line = f":{e.lineno}" if isinstance(e, TemplateSyntaxError) else ""
            reason = f"template {name}{line}: {e}"
            raise DeliveryError(self.channel, reason, retry=False, scope=Scope.CHANNEL) from e
