"""Everything that can be reached by links, and in which language its text is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

from bs4 import Tag
from bs4.element import NavigableString, PreformattedString

from tests.browser.client import Answer, Client

LIMIT = 6000
RESOURCES = (
    *(("link[rel~=stylesheet]", "href"), ("link[rel~=icon]", "href"), ("link[rel~=preload]", "href")),
    *((f"{name}[src]", "src") for name in ("script", "img", "iframe", "source", "video", "audio", "embed", "input")),
    *((f"{name}[srcset]", "srcset") for name in ("img", "source")),
    *(("object[data]", "data"), ("use[href]", "href"), ("image[href]", "href"), ("form[action]", "action")),
)


@dataclass
class Site:
    base: str
    answers: dict[str, Answer] = field(default_factory=dict)  # by address, as it was asked for
    found_on: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # address with #part → pages

    @property
    def pages(self) -> list[Answer]:
        """Each page of the public site once, however many addresses lead to it."""
        pages = {answer.url: answer for answer in self.answers.values() if answer.is_page and answer.status == 200}
        return [pages[url] for url in sorted(pages) if not urlsplit(url).path.startswith("/admin/")]

    def full(self, *path: str) -> list[str]:
        return [urljoin(self.base, part) for part in path]


def resources(page: Answer) -> Iterator[str]:
    """Whole addresses of what a browser loads or sends by itself for this page."""
    for selector, name in RESOURCES:
        for tag in page.document.select(selector):
            values = [part.split()[0] for part in str(tag[name]).split(",")] if name == "srcset" else [str(tag[name])]
            yield from (urljoin(page.url, value) for value in values if not value.startswith("data:"))


def links(page: Answer) -> Iterator[str]:
    """Those that search engines may follow, too: else there would be a month after each month."""
    followed = page.document.select(":is(a, area, link)[href]:not([rel~=nofollow])")
    found = (urljoin(page.url, str(tag["href"])) for tag in followed)
    yield from (url for url in found if urlsplit(url).scheme in {"http", "https"})


def crawl(client: Client, *starts: str) -> Site:
    site = Site(client.base)
    wanted = set(site.full(*starts))
    with ThreadPoolExecutor(4) as pool:
        while wanted:
            assert len(site.answers) + len(wanted) <= LIMIT, "More addresses than the demonstration has: a trap?"
            asked = sorted(wanted)
            new = dict(zip(asked, pool.map(client.get, asked), strict=True))
            site.answers |= new
            wanted = {url for page in new.values() for url in own_links(site, page)} - site.answers.keys()
    return site


def own_links(site: Site, page: Answer) -> Iterator[str]:
    if not page.is_page or page.path.startswith("/admin/"):
        return
    for url in {*links(page), *resources(page)}:
        if url.startswith(f"{site.base}/"):
            site.found_on[url].add(page.url)
            yield urldefrag(url).url


# ---------------------------------------------------------------- whose words are these?

# Words that are in every second sentence; one that several of these languages have tells little, and is left out.
COMMON = {
    "fr": "le la les du des et est un une pour dans par qui que avec pas au aux ce cette ces sa leur elle vous nous ou"
    " il sont sur plus ne se d l été votre vos a en deux trois à ont aussi cet où de",
    "en": "the of and is are for in by who that with not at this its their she you we or to from be it has have which"
    " was your there no on",
    "it": "il lo la gli le i del della dei delle degli di e è un una per nel nella da che con non al alla questo questa"
    " sua suo loro sono su più si o dal ha anche come sul vostra suoi sulla l d dell all",
    "es": "el la los las del de y es un una para en por que con no al este esta su sus son sobre más se o lo como desde"
    " ha hay a le puede todos",
    "pt": "o a os as do da dos das de e é um uma para em por que com não ao à este esta sua seu seus são sobre mais se"
    " ou no na nos nas pelo pela foi há pode",
    "de": "der die das den dem des und ist ein eine einer einen für in von mit nicht zu zum zur auf im am an sie wir"
    " oder es sich auch wird sind bei aus nach ihre ihr hat als kein keine werden",
    "nl": "de het een en van is voor in met niet op aan te dat die deze dit zijn door bij of om uit ook wordt worden er"
    " naar u wij zich geen",
    "da": "og er en et den det de af for til med ikke på i som der har fra om at sig eller kan bliver ved ingen denne",
    "bg": "и на за от в с се са е не да по при или това тази който която като до няма",
}
STOP_WORDS = {code: frozenset(words.split()) for code, words in COMMON.items()}
# Names and quotations are said the same in all languages.
NAMES = re.compile(
    r"(cités?|città|cidades?|ciudad)( des| dei| das| de los) \w+( (de|du|d|et)\b ?(la |l.)?\w+)?|«[^»]*»|“[^”]*”",
    re.IGNORECASE,
)
HEADINGS = ("h1", "h2", "h3", "h4")
CELLS = ("p", "li", "dt", "dd", "th", "td", "caption", "figcaption", "blockquote")
CONTROLS = ("summary", "label", "legend", "button", "option")
BLOCKS = frozenset((*HEADINGS, *CELLS, *CONTROLS))
SILENT = frozenset(["script", "style", "svg", "template", "title"])
LONG = 40
CLEARLY = 2


def language_of(text: str) -> str | None:
    """The language that most of the little words are from, or nobody can tell."""
    words = re.findall(r"[^\W\d_]+", NAMES.sub(" ", text.lower()))
    counts = {code: sum(word in common for word in words) for code, common in STOP_WORDS.items()}
    first, second = sorted(counts, key=counts.__getitem__, reverse=True)[:2]
    return first if counts[first] >= counts[second] + CLEARLY else None


def nearest(node: NavigableString, names: frozenset[str]) -> Tag | None:
    return next((parent for parent in node.parents if parent.name in names), None)


def is_silent(node: NavigableString) -> bool:
    if isinstance(node, PreformattedString) or not node.strip():
        return True
    return any(parent.name in SILENT or parent.get("translate") == "no" for parent in node.parents)


def said(page: Answer) -> Iterator[tuple[str, str]]:
    """The texts of a page, each with the language that it is marked to be in."""
    texts: dict[tuple[int, str], list[str]] = defaultdict(list)
    for node in page.document.find_all(string=True):
        if not is_silent(node):
            block = nearest(node, BLOCKS) or node.parent
            language = next(str(parent["lang"]) for parent in node.parents if parent.get("lang"))
            texts[id(block), language].append(str(node))
    for (_block, language), parts in texts.items():
        yield language, " ".join(" ".join(parts).split())
    for tag in page.document.select("head:not(:has(meta[name=robots])) > meta[name=description]"):
        yield str(page.one("html")["lang"]), str(tag["content"])


def misplaced(page: Answer) -> list[str]:
    """Texts of a page that are in another language than it says."""
    return [
        text
        for language, text in said(page)
        if len(text) >= LONG and language in STOP_WORDS and language_of(text) not in {None, language}
    ]
