"""What RFC 4287 asks of a feed, clause by clause, found by reading it as XML; nothing of ours is used."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from urllib.parse import urlsplit

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
# Section 4.1.1 and 4.1.2: what must be there once, may be there once, and as often as one likes.
FEED = ("id title updated", "subtitle rights generator icon logo", "author category contributor link entry")
ENTRY = ("id title updated", "published summary content rights source", "author category contributor link")
RELATIONS = {"alternate", "related", "self", "enclosure", "via", "license", "next", "previous"}


def broken(content: bytes) -> list[str]:
    """Name every clause that a feed document breaks; raises ParseError where it is no XML."""
    root = ET.fromstring(content)  # noqa: S314 - our own bytes
    if root.tag != f"{ATOM}feed":
        return ["2: the document is no feed"]
    entries = root.findall(f"{ATOM}entry")
    found = [*children(root, FEED, "4.1.1"), *constructs(root), *of_all(root, entries)]
    for entry in entries:
        found += [*children(entry, ENTRY, "4.1.2"), *constructs(entry), *of_entry(entry)]
    return found


def of_all(root: ET.Element, entries: list[ET.Element]) -> list[str]:
    found = []
    if root.find(f"{ATOM}link[@rel='self']") is None:
        found.append("4.1.1: a feed should have a link to itself")
    if root.find(f"{ATOM}author") is None and any(entry.find(f"{ATOM}author") is None for entry in entries):
        found.append("4.1.1: an entry has no author")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    return [*found, "4.2.6: two entries have the same id"] if len(set(ids)) < len(ids) else found


def of_entry(entry: ET.Element) -> list[str]:
    found = []
    is_empty = entry.find(f"{ATOM}content") is None
    if is_empty and entry.find(f"{ATOM}link[@rel='alternate']") is None:
        found.append("4.1.2: an entry has neither content nor an alternate link")
    published, updated = (entry.findtext(f"{ATOM}{name}") or "" for name in ("published", "updated"))
    if published and moment(published) > moment(updated):
        found.append("4.2.15: an entry was updated before it was published")
    return found


def children(parent: ET.Element, allowed: tuple[str, str, str], section: str) -> list[str]:
    names = [child.tag.removeprefix(ATOM) for child in parent]
    once, at_most_once, any_number = (part.split() for part in allowed)
    known = {*once, *at_most_once, *any_number}
    found = [f"{section}: {name} is not allowed" for name in names if name not in known]
    found += [f"{section}: {names.count(name)} {name}" for name in once if names.count(name) != 1]
    return found + [f"{section}: {names.count(name)} {name}" for name in at_most_once if names.count(name) > 1]


def constructs(parent: ET.Element) -> list[str]:
    """Texts, persons, dates, links and categories as sections 3 and 4.2 want them."""
    found = [clause for child in parent for clause in construct(child.tag.removeprefix(ATOM), child)]
    alternates = [
        (one.get("type"), one.get("hreflang"))
        for one in parent.findall(f"{ATOM}link")
        if one.get("rel", "alternate") == "alternate"
    ]
    if len(set(alternates)) < len(alternates):
        found.append("4.1.1: two alternate links of one type and language")
    return found


def construct(name: str, element: ET.Element) -> list[str]:
    if name in {"title", "subtitle", "summary", "rights"}:
        return text_construct(name, element)
    if name == "link":
        return link(element)
    text = element.text or ""
    is_wrong = {
        "3.2.1: a person has no name": name in {"author", "contributor"}
        and not (element.findtext(f"{ATOM}name") or "").strip(),
        f"3.3: {text!r} is no date": name in {"updated", "published"} and not DATE.fullmatch(text),
        f"4.2.6: {text!r} is no IRI": name == "id" and not urlsplit(text).scheme,
        "4.2.2.1: a category has no term": name == "category" and not element.get("term"),
    }
    return [clause for clause, wrong in is_wrong.items() if wrong]


def text_construct(name: str, element: ET.Element) -> list[str]:
    found = []
    if element.get("type", "text") == "text" and len(element):
        found.append(f"3.1.1.1: {name} has children")
    if not (element.text or "").strip():
        found.append(f"3.1: {name} is empty")
    return found


def link(element: ET.Element) -> list[str]:
    found = []
    if urlsplit(element.get("href", "")).scheme not in {"http", "https"}:
        found.append(f"4.2.7.1: {element.get('href')!r} is no address")
    if element.get("rel", "alternate") not in RELATIONS:
        found.append(f"4.2.7.2: {element.get('rel')!r} is not registered")
    return found


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
