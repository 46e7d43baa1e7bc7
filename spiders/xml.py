"""XML from strangers, made inert: no entities, no network, no huge trees; repaired if broken."""

from __future__ import annotations

from lxml import etree

_DANGER = b"<!ENTITY"


def tree(body: bytes) -> etree._Element | None:
    """
    Return the root of `body`, or None where nothing can be made of it.

    Entities are never expanded and nothing external is read; a body that declares
    entities at all is refused, for no sitemap needs them.
    """
    if _DANGER in body[:100_000].upper().replace(b"\x00", b""):
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def local(element: etree._Element) -> str:
    """Return the element's name without its namespace, lower-case ("" for comments)."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
