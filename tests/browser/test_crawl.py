"""A visitor who follows every link, in every language that has a tree, meets nothing broken and nothing foreign."""

from __future__ import annotations

import re
from urllib.parse import urldefrag, urlsplit

import pytest

from tests.browser.client import Answer, Client
from tests.browser.conftest import Staged
from tests.browser.crawl import Site, crawl, misplaced, resources

TREES = ("fr", "en", "it", "es", "pt", "de")
FORMS = re.compile(r"/(register|register/group|my-registrations)/$")


@pytest.fixture(scope="session")
def site(client: Client, staged: Staged) -> Site:
    assert staged
    return crawl(client, *(f"/{code}/" for code in TREES))


@pytest.fixture(scope="session")
def sitemap(client: Client) -> list[str]:
    return re.findall(r"<loc>([^<]+)</loc>", client.get("/sitemap.xml").text)


def is_indexed(page: Answer) -> bool:
    return not page.document.select("meta[name=robots][content*=noindex]")


def alternates(page: Answer) -> dict[str, str]:
    return {str(tag["hreflang"]): str(tag["href"]) for tag in page.document.select("link[rel=alternate][hreflang]")}


def test_every_link_answers(site: Site):
    broken = {url: (answer.status, site.found_on[url]) for url, answer in site.answers.items() if answer.status != 200}

    assert broken == {}
    assert len(site.pages) > 450


def test_every_part_of_a_page_that_is_linked_exists(site: Site):
    missing = {}
    for url, pages in site.found_on.items():
        address, part = urldefrag(url)
        answer = site.answers[address]
        if part and f'id="{part}"' not in answer.text:
            missing[url] = sorted(pages)[:3]

    assert missing == {}


def test_nothing_is_loaded_from_another_host(site: Site):
    foreign = {url for page in site.pages for url in resources(page) if not url.startswith(f"{site.base}/")}
    sheets = [answer for answer in site.answers.values() if answer.headers.get_content_type() == "text/css"]
    foreign |= {url for sheet in sheets for url in re.findall(r"url\([\"']?(https?:[^)]+|//[^)]+)\)", sheet.text)}

    assert len(sheets) == 1
    assert foreign == set()


def test_pages_say_their_language(site: Site):
    wrong = {
        page.url: page.one("html")["lang"] for page in site.pages if page.path.split("/")[1] != page.one("html")["lang"]
    }

    assert wrong == {}


def test_no_text_is_in_the_wrong_language(site: Site):
    wrong: dict[str, str] = {}
    for page in site.pages:
        wrong |= dict.fromkeys(misplaced(page), page.url)

    assert wrong == {}


def test_pages_have_a_title_a_heading_and_a_description(site: Site):
    poor = {}
    for page in site.pages:
        titles, headings = page.document.select("head > title"), page.document.select("h1")
        about = page.document.select("meta[name=description][content]")
        if [len(titles), len(headings)] != [1, 1] or (is_indexed(page) and "?" not in page.url and len(about) != 1):
            poor[page.url] = (titles, headings, about)

    assert poor == {}


def test_headings_leave_out_no_level(site: Site):
    torn = {}
    for page in site.pages:
        levels = [int(tag.name[1]) for tag in page.document.select("main :is(h1, h2, h3, h4, h5, h6)")]
        if any(after > before + 1 for before, after in zip([0, *levels], levels, strict=False)):
            torn[page.url] = levels

    assert torn == {}


def test_titles_tell_pages_apart(site: Site):
    titles: dict[str, str] = {}
    same = {}
    for page in site.pages:
        if is_indexed(page) and "?" not in page.url:
            title = f"{page.one('html')['lang']} {page.words('title')}"
            same |= {title: (titles[title], page.url)} if title in titles else {}
            titles[title] = page.url

    assert same == {}


def test_pages_for_search_engines_name_their_address(site: Site):
    wrong = {}
    for page in site.pages:
        canonical = [str(tag["href"]) for tag in page.document.select("link[rel=canonical]")]
        if is_indexed(page) and "?" not in page.url and canonical != [page.url]:
            wrong[page.url] = canonical

    assert wrong == {}


def test_filtered_lists_are_not_indexed_as_pages_of_their_own(site: Site):
    wrong = []
    for page in site.pages:
        canonical = [str(tag["href"]) for tag in page.document.select("link[rel=canonical]")]
        if "?" in page.url and is_indexed(page) and not canonical:
            wrong.append(page.url)

    assert wrong == []


def test_translations_name_each_other(site: Site):
    pages = {page.url: page for page in site.pages}
    one_sided = {}
    for url, page in pages.items():
        named = alternates(page)
        if named and (
            named.get(str(page.one("html")["lang"])) != url
            or named.get("x-default") not in named.values()
            or any(alternates(pages[other]) != named for other in named.values())
        ):
            one_sided[url] = named

    assert one_sided == {}
    assert sum(bool(alternates(page)) for page in pages.values()) > 400


def test_the_sitemap_has_every_page_and_no_other(site: Site, sitemap: list[str]):
    reached = {page.url for page in site.pages if is_indexed(page) and "?" not in page.url}

    assert set(sitemap) == reached
    assert len(sitemap) == len(set(sitemap))


def test_pages_to_read_set_no_cookie_and_are_guarded(site: Site):
    wrong = {}
    for page in site.pages:
        cookies = [] if FORMS.search(page.path) else page.headers.get_all("Set-Cookie", [])
        policy = page.headers.get("Content-Security-Policy", "")
        if cookies or "script-src 'self';" not in policy or page.headers["X-Content-Type-Options"] != "nosniff":
            wrong[page.url] = (cookies, policy)

    assert wrong == {}


def test_nothing_is_written_into_pages_that_the_policy_forbids(site: Site):
    scripts = "script:not([src], [type='application/ld+json'])"  # those are data, which no browser runs
    forbidden = f"[style], style, {scripts}, [onclick], [onload]"
    inline = {page.url: page.document.select(forbidden) for page in site.pages}

    assert {url: tags for url, tags in inline.items() if tags} == {}


def test_feeds_that_pages_name_are_calendars(site: Site):
    feeds = [answer for answer in site.answers.values() if urlsplit(answer.url).path.endswith(".ics")]

    assert len(feeds) > 10
    assert {feed.headers["Content-Type"] for feed in feeds} == {"text/calendar; charset=utf-8"}
    assert all(feed.body.startswith(b"BEGIN:VCALENDAR\r\n") for feed in feeds)
