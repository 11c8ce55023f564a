"""Stored rich text as a tree, so that pages, PDF and plain text say the same.

Read by an HTML parser (Beautiful Soup, which Wagtail's own editor uses) into a few frozen nodes. What is not known
becomes its text, what could run is dropped, and nothing that is read makes anybody recurse deeper than MAX_DEPTH.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from django.template.defaultfilters import filesizeformat
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from wagtail.documents import get_document_model
from wagtail.models import Page
from wagtail.whitelist import check_url

from portal.base.languages import current_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_LENGTH = 200_000  # characters of one stored text; a sheet of thirty pages has about half of that
MAX_DEPTH = 12  # of elements in each other
SPACE = re.compile(r"[ \t\r\n\f]+")  # HTML's, which a non-breaking space is not
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
LISTS = frozenset({"ul", "ol"})
BOLD = frozenset({"b", "strong"})
SILENT = frozenset({"script", "style", "template", "head", "title", "object", "iframe", "svg", "math", "embed"})
BLOCKS = HEADINGS | LISTS
BLOCKS |= {
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
}
BLOCKS |= {"figcaption", "figure", "footer", "form", "header", "hr", "html", "li", "main", "nav", "p", "pre", "section"}
BLOCKS |= {"summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
FILES = frozenset({"picture", "file"})  # blocks whose values are rows of the database
STORED = {"page", "document"}  # what a link may point to by its number


# --- the tree


@dataclass(frozen=True, slots=True)
class Text:
    words: str


@dataclass(frozen=True, slots=True)
class Break:
    """A new line within a paragraph."""


@dataclass(frozen=True, slots=True)
class Bold:
    children: tuple[Text | Break, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere: an address, or "page:12" until `resolved` knows it."""

    url: str
    children: tuple[Text | Break | Bold, ...]


Inline = Text | Break | Bold | Link


@dataclass(frozen=True, slots=True)
class Paragraph:
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    level: int  # as on the page, whose title has 1
    children: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Item:
    children: tuple[Inline, ...]
    lists: tuple[List, ...] = ()


@dataclass(frozen=True, slots=True)
class List:
    items: tuple[Item, ...]
    is_ordered: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    children: tuple[Inline, ...]
    who: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    image: Any  # a PortalImage
    alt: str  # empty for one that only decorates
    caption: str = ""


Block = Paragraph | Heading | List | Quote | Picture
Tree = tuple[Block, ...]


# --- reading


class Run(NamedTuple):
    """Words of one look; a line break where they are None."""

    words: str | None
    is_bold: bool = False
    url: str = ""


def read(texts: Iterable[str]) -> list[Tree]:
    """Read stored texts, with the addresses of all their links: two queries for pages, one for documents."""
    return resolved([parse(text) for text in texts])


def parse(text: str) -> Tree:
    """Read one stored text; its links to pages and documents are still numbers.

    Of a text that is longer than MAX_LENGTH the rest is left out, and a last paragraph says so.
    """
    blocks = blocks_in(BeautifulSoup(text[:MAX_LENGTH], "html.parser"), 0)
    if len(text) > MAX_LENGTH:
        blocks.append(Paragraph((Text(gettext("This text is too long to be shown in full.")),)))
    return tuple(blocks)


def blocks_in(element: Tag, depth: int) -> list[Block]:
    found: list[Block] = []
    loose: list[Run] = []
    for child in element.children:
        if not isinstance(child, Tag) or is_inline(child):
            loose += runs_in(child, depth)
            continue
        found += paragraph(loose)
        loose = []
        if child.name in HEADINGS:
            found += [Heading(3, words) for words in [inlines(list(runs_in(child, depth)))] if words]
        elif child.name in LISTS:
            found += [each for each in [list_in(child, depth)] if each.items]
        elif depth < MAX_DEPTH:
            found += blocks_in(child, depth + 1)
        else:
            found += paragraph([Run(child.get_text(" "))])
    return found + paragraph(loose)


def is_inline(element: Tag) -> bool:
    if element.name in BLOCKS:
        return False
    return not any(isinstance(child, Tag) for child in element.children) or element.find(BLOCKS) is None


def paragraph(runs: list[Run]) -> list[Block]:
    words = inlines(runs)
    return [Paragraph(words)] if words else []


def list_in(element: Tag, depth: int) -> List:
    items: list[Item] = []
    for child in element.children:
        if isinstance(child, Tag) and child.name in LISTS:  # a list in a list, beside its item
            below = list_in(child, depth + 1) if depth < MAX_DEPTH else List(())
            if items and below.items:
                items[-1] = replace(items[-1], lists=(*items[-1].lists, below))
                continue
            items += below.items
        else:
            items += item_in(child, depth)
    return List(tuple(items), element.name == "ol")


def item_in(element: Any, depth: int) -> list[Item]:
    runs: list[Run] = []
    lists: list[List] = []
    for child in element.children if isinstance(element, Tag) else [element]:
        if isinstance(child, Tag) and child.name in LISTS and depth < MAX_DEPTH:
            lists += [each for each in [list_in(child, depth + 1)] if each.items]
        elif isinstance(child, Tag) and not is_inline(child):
            runs += [*([Run(None)] if runs else []), *runs_in(child, depth), Run(None)]
        else:
            runs += runs_in(child, depth)
    words = inlines(runs)
    return [Item(words, tuple(lists))] if words or lists else []


def runs_in(node: Any, depth: int, *, is_bold: bool = False, url: str = "") -> Iterator[Run]:
    if not isinstance(node, Tag):  # comments and the like are kinds of a string
        yield from [Run(str(node), is_bold, url)] if type(node) is NavigableString else []
    elif node.name == "br":
        yield Run(None, is_bold, url)
    elif node.name in SILENT:
        return
    elif depth >= MAX_DEPTH:
        yield Run(node.get_text(" "), is_bold, url)
    else:
        is_bold, url = is_bold or node.name in BOLD, url or (target(node) if node.name == "a" else "")
        edge = [Run(" ")] if node.name in BLOCKS else []
        inner = (runs_in(child, depth + 1, is_bold=is_bold, url=url) for child in node.children)
        yield from chain(edge, *inner, edge)


def target(element: Tag) -> str:
    """Where a link leads; empty where it may not lead."""
    kind, number = str(element.get("linktype") or ""), str(element.get("id") or "")
    if kind:
        return f"{kind}:{number}" if kind in STORED and number.isdecimal() and len(number) < len(str(2**63)) else ""
    return check_url(str(element.get("href") or "").strip()) or ""  # "page:12" is none that it allows


def is_stored(url: str) -> bool:
    return url.partition(":")[0] in STORED


def inlines(runs: Iterable[Run]) -> tuple[Inline, ...]:
    """Spaces as a browser shows them, neighbours of one look together."""
    return tuple(look for url, of_link in groupby(tidy(runs), lambda run: run.url) for look in looks(url, of_link))


def looks(url: str, runs: Iterable[Run]) -> Iterator[Inline]:
    children: list[Text | Break | Bold] = []
    for is_bold, same in groupby(runs, lambda run: run.is_bold):
        words = tuple(Break() if run.words is None else Text(run.words) for run in same)
        children += [Bold(words)] if is_bold else words
    if url:
        yield Link(url, tuple(children))
    else:
        yield from children


def tidy(runs: Iterable[Run]) -> list[Run]:
    kept: list[Run] = []
    for is_break, line in groupby(runs, lambda run: run.words is None):
        words = [] if is_break else one_line(line)
        kept += [Run(None), *words] if kept and words else words
    return kept


def one_line(runs: Iterable[Run]) -> list[Run]:
    kept: list[Run] = []
    for run in runs:
        words = SPACE.sub(" ", run.words or "")
        before = kept[-1].words or "" if kept else " "
        words = words.removeprefix(" ") if before.endswith(" ") else words
        if words and kept and kept[-1][1:] == run[1:]:
            kept[-1] = run._replace(words=before + words)
        elif words:
            kept.append(run._replace(words=words))
    if kept:
        last = (kept.pop().words or "").rstrip(" ")
        kept += [run._replace(words=last)] if last else []
    return kept


# --- addresses


def resolved(trees: Sequence[Tree]) -> list[Tree]:
    """Put addresses for the numbers of pages and documents; a link whose target is gone becomes its words."""
    wanted = {link.url for tree in trees for link in links(tree) if is_stored(link.url)}
    if not wanted:
        return list(trees)
    addresses = {f"page:{pk}": url for pk, url in page_urls(numbers(wanted, "page")).items()}
    addresses |= {f"document:{pk}": url for pk, url in document_urls(numbers(wanted, "document")).items()}
    return [tuple(with_addresses(block, addresses) for block in tree) for tree in trees]


def numbers(urls: set[str], kind: str) -> set[int]:
    return {int(url.partition(":")[2]) for url in urls if url.startswith(f"{kind}:")}


def page_urls(keys: set[int]) -> dict[int, str]:
    """Addresses of public pages, in the reader's language where they have one."""
    pages = list(Page.objects.live().filter(pk__in=keys)) if keys else []
    translated = Page.objects.live().filter(
        translation_key__in=[page.translation_key for page in pages], locale__language_code=current_language()
    )
    own = {page.translation_key: page for page in translated} if pages else {}
    return {page.pk: own.get(page.translation_key, page).url or "" for page in pages}


def document_urls(keys: set[int]) -> dict[int, str]:
    rows = get_document_model().objects.filter(pk__in=keys) if keys else []
    return {row.pk: row.url for row in rows}


def links(tree: Tree) -> Iterator[Link]:
    for block in tree:
        for row in rows_of(block):
            yield from (node for node in row if isinstance(node, Link))


def rows_of(block: Block) -> Iterator[tuple[Inline, ...]]:
    if isinstance(block, List):
        for item in block.items:
            yield item.children
            for below in item.lists:
                yield from rows_of(below)
    elif not isinstance(block, Picture):
        yield block.children


def with_addresses(node: Any, addresses: dict[str, str]) -> Any:
    if isinstance(node, List):
        return replace(node, items=tuple(with_addresses(item, addresses) for item in node.items))
    if isinstance(node, Item):
        below = tuple(with_addresses(each, addresses) for each in node.lists)
        return replace(node, children=addressed(node.children, addresses), lists=below)
    if isinstance(node, Paragraph | Heading | Quote):
        return replace(node, children=addressed(node.children, addresses))
    return node


def addressed(children: Iterable[Inline], addresses: dict[str, str]) -> tuple[Inline, ...]:
    result: list[Inline] = []
    for child in children:
        if isinstance(child, Link) and is_stored(child.url):
            url = addresses.get(child.url, "")
            result += [replace(child, url=url)] if url else child.children
        else:
            result.append(child)
    return tuple(result)


# --- the blocks of a text (portal.base.blocks)


def parse_body(body: Any) -> Tree:
    """Read the blocks of a StreamField; as with `parse`, links in rich text are still numbers."""
    return tuple(node for block in body for node in block_nodes(block.block_type, block.value))


def parse_words(body: Any) -> Tree:
    """Read the blocks that are words alone, without asking the database for pictures and files."""
    kinds = [raw["type"] for raw in body.raw_data]
    places = [place for place, kind in enumerate(kinds) if kind not in FILES]
    return tuple(node for place in places for node in block_nodes(kinds[place], body[place].value))


def block_nodes(kind: str, value: Any) -> Iterator[Block]:  # noqa: C901  (a case a kind)
    if kind == "text":
        yield from parse(value.source)
    elif kind == "heading":
        yield Heading(2, (Text(str(value)),))
    elif kind == "steps":
        yield List(tuple(Item(lines(step)) for step in value if step.strip()), is_ordered=True)
    elif kind == "quote":
        yield Quote(lines(value["text"]), value["who"])
    elif kind == "picture" and value["image"]:
        image = value["image"]
        yield Picture(
            image,
            alternative(image, value["caption"]),
            value["caption"],
        )
    elif kind == "file" and value["document"]:
        document = value["document"]
        yield Paragraph((Link(document.url, (Text(file_title(value["title"], document)),)),))
    elif kind == "link":
        yield Paragraph((source(value),))
    elif kind == "sources":
        yield Heading(2, (Text(gettext("Sources")),))
        yield List(tuple(Item((source(row),)) for row in value))


def alternative(image: Any, caption: str) -> str:
    return "" if image.decorative else image.contextual_alt_text or caption or image.title


def source(value: Any) -> Inline:
    words = Text(value["title"])
    url = check_url(value["url"] or "")
    return Link(url, (words,)) if url else words


def file_title(title: str, document: Any) -> str:
    size = filesizeformat(document.get_file_size() or 0)
    return f"{title or document.title} ({document.file_extension.upper()}, {size})"


def lines(text: str) -> tuple[Inline, ...]:
    """Plain words, whose line ends are meant."""
    return inlines(run for line in text.splitlines() for run in (Run(line), Run(None)))


# --- writing


def as_html(nodes: Iterable[Block]) -> SafeString:
    return mark_safe("".join(html_of(node) for node in nodes))  # noqa: S308  (all words are escaped)


def html_of(node: Any) -> str:  # noqa: C901  (a case for each kind)
    match node:
        case Paragraph(children):
            return f"<p>{inner_html(children)}</p>"
        case Heading(level, children):
            return f"<h{level}>{inner_html(children)}</h{level}>"
        case List(items, is_ordered):
            name = "ol" if is_ordered else "ul"
            return f"<{name}>{''.join(html_of(item) for item in items)}</{name}>"
        case Item(children, lists):
            return f"<li>{inner_html(children)}{''.join(html_of(each) for each in lists)}</li>"
        case Quote(children, who):
            said = f"<figcaption>{escape(who)}</figcaption>" if who else ""
            return f'<figure class="quote"><blockquote><p>{inner_html(children)}</p></blockquote>{said}</figure>'
        case Picture(image, alt, caption):
            url = image.get_rendition("max-960x960|format-jpeg").url
            said = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
            return f'<figure class="picture"><img src="{escape(url)}" alt="{escape(alt)}">{said}</figure>'
    raise TypeError(node)


def inner_html(children: Iterable[Inline]) -> str:
    return "".join(inline_html(child) for child in children)


def inline_html(node: Inline) -> str:
    match node:
        case Text(words):
            return escape(words)
        case Break():
            return "<br>"
        case Bold(children):
            return f"<b>{inner_html(children)}</b>"
        case Link(url, children):
            return f'<a href="{escape(url)}">{inner_html(children)}</a>'


def as_plain_text(nodes: Iterable[Block]) -> str:
    """Words alone: an empty line between blocks, a line an item."""
    return "\n\n".join(filter(None, (plain(node) for node in nodes)))


def plain(node: Any, indent: str = "") -> str:
    match node:
        case List(items, is_ordered):
            marks = [f"{place}. " if is_ordered else "- " for place in range(1, len(items) + 1)]
            return "\n".join(plain_item(item, indent + mark) for item, mark in zip(items, marks, strict=True))
        case Quote(children, who):
            return plain_words(children) + (f" – {who}" if who else "")
        case Picture(_image, alt, caption):
            return caption or alt
        case _:
            return plain_words(node.children)


def plain_item(item: Item, start: str) -> str:
    below = [plain(each, " " * len(start)) for each in item.lists]
    return "\n".join([start + plain_words(item.children), *below])


def plain_words(children: Iterable[Inline]) -> str:
    parts = []
    for child in children:
        match child:
            case Text(words):
                parts.append(words)
            case Break():
                parts.append("\n")
            case _:
                parts.append(plain_words(child.children))
    return "".join(parts)
