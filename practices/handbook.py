"""What the handbook says: published sheets as plain data, in the reader's language, for practices/typst/handbook.typ.

Nothing here knows of PDF. The same data have the same digest, so that a file is known to be fresh without making it.
"""

from __future__ import annotations

import json
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language_info, gettext, ngettext

from home.models import Cite
from home.templatetags.cite_tags import cite_title
from portal.base import when
from portal.base.languages import Text, current_language
from portal.base.open_data import absolute
from portal.base.outdated import Age, ages_of
from portal.base.pages import choose, published_words_of, with_words
from portal.base.rich_text import (
    Bold,
    Break,
    Heading,
    Link,
    List,
    Paragraph,
    Picture,
    Quote,
    parse,
    parse_body,
    resolved,
)
from portal.base.sorting import sort_key
from portal.base.templatetags.portal_tags import language_in_sentence
from practices.citation import citation_of
from practices.models import Chapter, Practice
from practices.models.pages import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portal.base.rich_text import Block, Inline, Tree

TYPST = Path(__file__).parent / "typst"
SOURCES = ("handbook.typ", "typesetter.py", "fonts/coverage.txt")  # with other ones the same data make another file
VOCABULARIES = ("target_groups", "partner_kinds", "principles", "skills")
DEEPEST = 6  # levels of headings that PDF has names for
LONGEST_URL = 2000
PICTURE = "max-1200x1200|format-jpeg|jpegquality-75"
# Characters that our fonts lack, and others that say the same.
INSTEAD = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2192": "›", "\u2190": "‹", "\u00ad": "", "\u200b": ""})
SHAPED = frozenset("\u202f\u200d\u200c\n")  # drawn without a glyph of their own
UNKNOWN = "?"

Data = dict[str, Any]


@dataclass(slots=True)
class Handbook:
    """The data of one handbook, and the pictures in it by the names of their files."""

    data: Data
    pictures: dict[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Of all but the day on the cover, which is that of its making."""
        content = json.dumps(self.data, ensure_ascii=False, sort_keys=True)
        return sha256(f"{template_digest()}\n{content}".encode()).hexdigest()

    @property
    def sheets(self) -> int:
        return sum(len(chapter["sheets"]) for chapter in self.data["chapters"])

    def dated(self) -> Data:
        return self.data | {"date": when.long_day(timezone.localdate())}


@cache
def template_digest() -> str:
    return sha256(b"".join((TYPST / name).read_bytes() for name in SOURCES)).hexdigest()


# --- which sheets


def of_chapter(chapter: Chapter | None) -> Handbook | None:
    """The whole vademecum, or one chapter, in the language that is active; None where there is no public sheet."""
    practices = list(sheets_of(chapter))
    if not practices:
        return None
    subtitle = said(chapter.label) if chapter else None
    return handbook(practices, subtitle=subtitle, is_whole=True)


def of_selection(practices: Sequence[Practice]) -> Handbook:
    """Sheets that somebody chose, in that order; one alone has neither cover nor contents."""
    return handbook(practices, subtitle=said(Text(gettext("A selection"), "")), is_whole=False)


def sheets_of(chapter: Chapter | None = None) -> Any:
    """Public sheets of a chapter, or all, as in the index also those that nobody has written words for."""
    rows = Practice.objects.shown().select_related("chapter", "cite", "project")
    rows = rows.order_by(*Practice._meta.ordering, "pk")
    return rows.filter(chapter=chapter) if chapter else rows


# --- all of it


def handbook(practices: Sequence[Practice], *, subtitle: Data | None, is_whole: bool) -> Handbook:
    gathered = Gathered(practices)
    sheets = {practice.pk: gathered.sheet(practice, is_whole=is_whole) for practice in practices}
    title = gettext("Vademecum of good practices")
    is_single = not is_whole and len(practices) == 1
    number = len(practices)
    language = current_language()
    parts = [title, subtitle["text"]] if subtitle else [title]
    data = {
        "title": next(iter(sheets.values()))["title"]["text"] if is_single else " – ".join(parts),
        "heading": title,
        "subtitle": subtitle,
        "description": gettext("Good practices of the international network of Cités des métiers."),
        "network": gettext("Cités des métiers"),
        "language": language.partition("-")[0],
        "language_name": capfirst(get_language_info(language)["name_local"]),
        "count": count_of(number),
        "footer": settings.SITE_URL.partition("://")[2],
        "cover": not is_single,
        "contents": not is_single,
        "sheet_level": 2 if is_whole else 1,
        "labels": {
            "tagline": gettext("International network"),
            "contents": gettext("Contents"),
            "about": gettext("About this handbook"),
        },
        "about": [] if is_single else about(practices, sheets.values()),
        "chapters": chapters(practices, sheets) if is_whole else [{"title": None, "sheets": list(sheets.values())}],
        "indexes": gathered.indexes(sheets) if is_whole else [],
    }
    return Handbook(printable(data), gathered.pictures)


def count_of(number: int) -> str:
    return ngettext("%(number)s sheet", "%(number)s sheets", number) % {"number": number}


def chapters(practices: Sequence[Practice], sheets: dict[int, Data]) -> list[Data]:
    """Chapters that have a sheet, in their order, which the practices have already; then those of none."""
    found = []
    for _pk, group in groupby(practices, lambda practice: practice.chapter_id):
        rows = list(group)
        chapter = rows[0].chapter
        title = said(chapter.label) if chapter else said(Text(gettext("Without a chapter"), ""))
        found.append({"title": title, "count": count_of(len(rows)), "sheets": [sheets[row.pk] for row in rows]})
    return found


def about(practices: Sequence[Practice], sheets: Iterable[Data]) -> list[list[Data]]:
    """Paragraphs on what a reader should know of the whole."""
    index = absolute(reverse("handbook"))
    foreign = sum(sheet["is_foreign"] for sheet in sheets)
    made_up = sum(practice.is_demonstration for practice in practices)
    projects = {row.project.pk: row.project for row in practices if row.project and row.project.live}
    paragraphs = [
        [words(gettext("Each sheet answers a question from the field, in fixed parts, and can be read alone."))],
        [
            words(
                gettext(
                    "Each sheet belongs to a Cité or to the network, names its licence and its sources, and says when "
                    "it was last checked. Where no licence is named, ask its owner before you publish it again."
                )
            )
        ],
    ]
    if foreign:
        text = ngettext(
            "%(number)s sheet is not translated yet: it stands here in its original language, and says so.",
            "%(number)s sheets are not translated yet: they stand here in their original language, and say so.",
            foreign,
        )
        paragraphs.append([words(text % {"number": foreign})])
    if made_up:
        text = ngettext(
            "%(number)s sheet is a demonstration, made up to show how the portal works, and is marked.",
            "%(number)s sheets are demonstrations, made up to show how the portal works, and are marked.",
            made_up,
        )
        paragraphs.append([words(text % {"number": made_up})])
    if named := [project_line(project) for _pk, project in sorted(projects.items())]:
        paragraphs.append([words(gettext("Sheets come from these projects:") + " " + "; ".join(named) + ".")])
    text = gettext("The newest edition of this handbook is at this address:")
    paragraphs.append([words(f"{text} "), {"s": index, "u": index}])
    return paragraphs


def project_line(project: Any) -> str:
    paid = ", ".join(filter(None, (project.programme, project.reference)))
    name = project.acronym or project.name
    return f"{name} ({paid})" if paid else name


# --- one sheet


class Gathered:
    """What several sheets say, read from the database at once, in as many queries as for one."""

    def __init__(self, practices: Sequence[Practice]) -> None:
        self.pictures: dict[str, Any] = {}
        self.practices = practices
        keys = [practice.pk for practice in practices]
        written = published_words_of(practices)
        self.pages = {row.pk: choose(written[row.pk], row.original_language) for row in practices}
        self.ages = ages_of(
            (page, written[row.pk].get(row.original_language)) for row in practices if (page := self.pages[row.pk])
        )
        self.terms = {name: terms_of(keys, name) for name in VOCABULARIES}
        self.takers = related(keys, "taken_up_by")
        self.sources: dict[int, list[Any]] = {}
        for line in Practice._meta.get_field("sources").related_model.objects.filter(practice__in=keys):
            self.sources.setdefault(line.practice_id, []).append(line)
        named = {cite for found in self.takers.values() for cite in found} | {row.cite_id for row in practices}
        cites = with_words(Cite.objects.published().filter(pk__in=named - {None}))
        self.cites = {entry.fact.pk: entry for entry in cites}
        projects = {row.project for row in practices if row.project and row.project.live}
        self.projects = {entry.fact.pk: entry for entry in with_words(sorted(projects, key=lambda row: row.pk))}
        self.texts = self.read_texts()

    def read_texts(self) -> dict[tuple[int, str], Tree]:
        trees: dict[tuple[int, str], Tree] = {}
        for pk, page in self.pages.items():
            if page is not None:
                trees |= {(pk, name): parse(html) for name, _heading, html in page.parts}
                trees[pk, "body"] = parse_body(page.body)
                trees[pk, "documents"] = parse_body(page.documents)
        return dict(zip(trees, resolved(list(trees.values())), strict=True))

    def sheet(self, practice: Practice, *, is_whole: bool) -> Data:
        page = self.pages[practice.pk]
        title = Text(page.title, page.language) if page else practice.working_title
        language = page.language if page else ""
        chapter = practice.chapter.label if practice.chapter else None
        return {
            "id": practice.pk,
            "eyebrow": said(chapter) if chapter else None,
            "title": said(title),
            "question": said(Text(page.question, language)) if page and page.question else None,
            "summary": said(Text(page.summary, language)) if page and page.summary else None,
            "notices": notices(practice, language, self.ages[page.pk] if page else Age()),
            "is_foreign": language not in {"", current_language()},
            "facts": self.facts(practice),
            "parts": self.parts(practice, page, 3 if is_whole else 2) if page else [],
            "colophon": self.colophon(practice),
        }

    def owner(self, practice: Practice) -> Text:
        entry = self.cites.get(practice.cite_id or 0)
        return cite_title(entry) if entry else Text(gettext("The network’s"), "")

    def facts(self, practice: Practice) -> list[Data]:
        vocabularies = (
            (gettext("For whom"), "target_groups"),
            (gettext("With which partners"), "partner_kinds"),
            (gettext("Principles of the charter"), "principles"),
            (gettext("Skills that it serves"), "skills"),
        )
        project = self.projects.get(practice.project_id or 0)
        takers = [self.cites[pk] for pk in self.takers.get(practice.pk, ()) if pk in self.cites]
        rows = [
            fact(gettext("Whose practice"), [said(self.owner(practice))]),
            fact(gettext("How far it is proved"), [plain(capfirst(practice.get_evidence_display()))]),
            fact(gettext("When"), [plain(period(practice))] if practice.since else []),
            *(
                fact(label, [said(term.label) for term in self.terms[name].get(practice.pk, ())])
                for label, name in vocabularies
            ),
            fact(gettext("Project"), [said(project.title)] if project else []),
            fact(gettext("Taken up by"), [said(cite_title(entry)) for entry in takers]),
            fact(
                gettext("Questions"),
                [plain(practice.contact_email) | {"u": f"mailto:{practice.contact_email}"}]
                if practice.contact_email
                else [],
            ),
        ]
        return [row for row in rows if row["values"]]

    def parts(self, practice: Practice, page: Any, level: int) -> list[Data]:
        language = tongue(page.language)
        found = []
        for name, heading in (*PARTS, ("documents", gettext("Documents")), ("body", "")):
            tree = self.texts.get((practice.pk, name), ())
            if tree:
                # A heading of the third level on the page stands one below that of its part.
                shift, last = level - 2, level if heading else level - 1
                body = [node for node in self.nodes(tree, shift, last) if node]
                found.append({"heading": str(heading) or None, "lang": language, "body": body})
        return found

    def nodes(self, tree: Tree, shift: int, last: int) -> list[Data]:
        """Blocks with the levels of their headings, none of which is skipped."""
        rows = []
        for block in tree:
            if isinstance(block, Heading):
                last = min(block.level + shift, last + 1, DEEPEST)
                rows.append({"t": "h", "level": last, "c": inline(block.children)})
            else:
                rows.append(self.node(block))
        return rows

    def node(self, block: Block) -> Data:
        match block:
            case Paragraph(children):
                return {"t": "p", "c": inline(children)}
            case List():
                return list_of(block)
            case Quote(children, who):
                return {"t": "q", "c": inline(children), "who": who}
            case Picture():
                return self.picture(block)
        raise TypeError(block)

    def picture(self, block: Picture) -> Data:
        """A picture as a file beside the data; its caption alone where the file is gone or broken."""
        try:
            rendition = block.image.get_rendition(PICTURE)
        except Exception:  # noqa: BLE001  (whatever Willow makes of it, a handbook without the picture is better than none)
            return {"t": "p", "c": [words(block.caption)]} if block.caption else {}
        name = f"{block.image.pk}-{block.image.file_hash[:12]}.jpg"
        self.pictures[name] = rendition
        # As wide as the text, if it is not taller than that makes pleasant.
        width = max(20, min(100, round(80 * rendition.width / rendition.height)))
        return {"t": "i", "f": name, "w": width, "alt": block.alt or None, "caption": block.caption}

    def colophon(self, practice: Practice) -> list[Data]:
        lines = self.sources.get(practice.pk, ())
        licence = plain(practice.get_licence_display() if practice.licence else gettext("to be confirmed"))
        if practice.licence_url:
            licence["u"] = practice.licence_url
        if practice.checked_on:
            checked = gettext("Last checked on %(day)s.") % {"day": when.long_day(practice.checked_on)}
        else:
            checked = gettext("No Cité has reread this sheet yet.")
        citation = citation_of(practice, self.pages[practice.pk], self.cites.get(practice.cite_id or 0))
        cited = [plain(citation.before), said(citation.title), plain(f"{citation.after} ")]
        cited.append(plain(citation.address) | {"u": citation.address})
        named = [[plain(str(line)) | ({"u": line.url} if is_short(line.url) else {}), dated(line)] for line in lines]
        return [
            {"label": gettext("How to cite:"), "values": cited},
            {"label": gettext("Licence:"), "values": [licence]},
            *({"label": gettext("Source:") if not place else "", "values": line} for place, line in enumerate(named)),
            {"label": "", "values": [plain(checked)]},
        ]

    def indexes(self, sheets: dict[int, Data]) -> list[Data]:
        """Partners and target groups with the sheets that are about them; their pages are known when it is set."""
        owners = [
            (said(cite_title(entry)), [row.pk for row in self.practices if row.cite_id == pk])
            for pk, entry in self.cites.items()
        ]
        names = (
            (gettext("Index of target groups"), self.by_term("target_groups")),
            (gettext("Index of partners"), self.by_term("partner_kinds")),
            (gettext("Index of Cités"), owners),
        )
        return [
            {"title": title, "rows": [{"name": name, "sheets": keys} for name, keys in in_order(rows)]}
            for title, rows in names
            if any(keys for _name, keys in rows)
        ]

    def by_term(self, name: str) -> list[tuple[Data, list[int]]]:
        found: dict[int, tuple[Data, list[int]]] = {}
        for practice in self.practices:
            for term in self.terms[name].get(practice.pk, ()):
                found.setdefault(term.pk, (said(term.label), []))[1].append(practice.pk)
        return list(found.values())


def in_order(rows: list[tuple[Data, list[int]]]) -> list[tuple[Data, list[int]]]:
    return sorted((row for row in rows if row[1]), key=lambda row: sort_key(row[0]["text"]))


def through(name: str) -> tuple[Any, str]:
    relation: Any = Practice._meta.get_field(name)
    return relation.remote_field.through.objects, relation.m2m_reverse_field_name()


def terms_of(keys: list[int], name: str) -> dict[int, list[Any]]:
    """Words of a vocabulary by sheet, in the vocabulary's order."""
    rows, target = through(name)
    found: dict[int, list[Any]] = {}
    ordering = [f"{target}__{column}" for column in Practice._meta.get_field(name).related_model._meta.ordering]
    for row in rows.filter(practice__in=keys).select_related(target).order_by(*ordering):
        found.setdefault(row.practice_id, []).append(getattr(row, target))
    return found


def related(keys: list[int], name: str) -> dict[int, list[int]]:
    rows, target = through(name)
    found: dict[int, list[int]] = {}
    for pk, other in rows.filter(practice__in=keys).order_by("pk").values_list("practice_id", f"{target}_id"):
        found.setdefault(pk, []).append(other)
    return found


def notices(practice: Practice, language: str, age: Age) -> list[str]:
    found = []
    if practice.is_demonstration:
        found.append(gettext("This is a demonstration. It was made up to show how the portal works."))
    if language not in {"", current_language()}:
        text = gettext("This text is not in %(wanted)s yet. You are reading it in %(given)s.")
        found.append(
            text % {"wanted": language_in_sentence(current_language()), "given": language_in_sentence(language)}
        )
    found += age.notices
    if practice.is_stale:
        found.append(gettext("Nobody has checked this sheet for more than five years: some of it may no longer be so."))
    return found


def period(practice: Practice) -> str:
    since = when.partial(practice.since)
    if practice.until:
        return f"{since} – {when.partial(practice.until)}"
    return gettext("Since %(since)s") % {"since": since}


def dated(line: Any) -> Data:
    return plain(f" ({when.partial(line.as_of)})" if line.as_of and line.as_of not in line.title else "")


# --- small things of the data


def said(text: Text) -> Data:
    """Words, and their language where it is another than the handbook's."""
    return {"text": text.text, "lang": tongue(text.language)}


def plain(text: str) -> Data:
    return {"text": text, "lang": None}


def words(text: str) -> Data:
    return {"s": text}


def fact(label: str, values: list[Data]) -> Data:
    return {
        "label": label,
        "values": values,
        "between": "; " if any("," in value["text"] for value in values) else ", ",
    }


def tongue(language: str) -> str | None:
    code = language.partition("-")[0].lower()
    if not code or code == current_language().partition("-")[0]:
        return None
    return code if code.isascii() and code.isalpha() and len(code) in {2, 3} else None


def is_short(url: str) -> bool:
    return 0 < len(url) <= LONGEST_URL


def list_of(block: List) -> Data:
    items = [{"c": inline(item.children), "l": [list_of(each) for each in item.lists]} for item in block.items]
    return {"t": "l", "o": block.is_ordered, "items": items}


def inline(nodes: Iterable[Inline], *, is_bold: bool = False, url: str = "") -> list[Data]:
    """Words in a row, each with its look; an address within a page leads nowhere in a PDF."""
    rows: list[Data] = []
    for node in nodes:
        match node:
            case Break():
                rows.append({"br": True})
            case Bold(children):
                rows += inline(children, is_bold=True, url=url)
            case Link(target, children):
                address = "" if target.startswith("#") else absolute(target)
                rows += inline(children, is_bold=is_bold, url=address if is_short(address) else "")
            case _:
                rows.append(words(node.words) | ({"b": True} if is_bold else {}) | ({"u": url} if url else {}))
    return rows


# --- characters


def printable(value: Any) -> Any:
    """The same data with no character that the fonts cannot draw: PDF/UA allows none, and one would stop the whole."""
    if isinstance(value, str):
        return drawable(value)
    if isinstance(value, list):
        return [printable(each) for each in value]
    if isinstance(value, dict):
        return {key: each if key == "u" else printable(each) for key, each in value.items()}
    return value


def drawable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text).translate(INSTEAD)
    return "".join(character if is_covered(character) else stand_in(character) for character in text)


def is_covered(character: str) -> bool:
    starts, ends = coverage()
    place = bisect_right(starts, ord(character)) - 1
    return character in SHAPED or (place >= 0 and ord(character) <= ends[place])


def stand_in(character: str) -> str:
    """The plain form of a letter or sign in disguise, a space for a space, nothing for what is never seen."""
    kind = unicodedata.category(character)
    if kind.startswith(("Z", "C")):
        return " " if kind in {"Zs", "Zl", "Zp", "Cc"} else ""
    if kind in {"Mn", "Sk", "So"}:  # marks that stand alone, emoji
        return ""
    other = unicodedata.normalize("NFKC", character)
    return other if other != character and all(map(is_covered, other)) else UNKNOWN


@cache
def coverage() -> tuple[list[int], list[int]]:
    """First and last characters of the ranges that the fonts have."""
    lines = (TYPST / "fonts" / "coverage.txt").read_text().split()
    pairs = [[int(code, 16) for code in line.split("-")] for line in lines]
    return [first for first, _last in pairs], [last for _first, last in pairs]
