"""What the frame of every page needs: sections, languages, canonical address and its alternates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import template
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.models import Page, PageViewRestriction

from home.models import HomePage, PlainPage
from portal.base.languages import current_language, locale_code
from portal.base.pages import BasePage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest
    from django.template import Context

register = template.Library()

HOME_DEPTH = 2  # below the root
# A page of words may lie below its Cité; readers look for it in the section of its kind.
SECTION_OF = {
    "citepage": "networkpage",
    "eventpage": "agendapage",
    "practicepage": "vademecumpage",
    "projectpage": "projectspage",
    "trainingmodulepage": "skillspage",
}


@dataclass(slots=True)
class Nav:
    """Addresses of the frame, in the reader's language."""

    home_url: str = "/"
    sections: list[tuple[str, str, bool]] = field(default_factory=list)  # title, address, is_current
    footer: list[tuple[str, str]] = field(default_factory=list)
    languages: list[tuple[str, str, str, bool]] = field(default_factory=list)  # code, own name, address, is_current
    canonical: str | None = None
    alternates: list[tuple[str, str]] = field(default_factory=list)  # code or x-default, whole address
    search_url: str = ""
    my_registrations_url: str = ""
    personal_data_url: str = ""
    data_url: str = ""
    admin_url: str = ""
    urls: dict[str, str] = field(default_factory=dict)  # of the sections, by the name of their page's model
    trail: list[tuple[str, str]] = field(default_factory=list)  # what lies above this page: title, address


@register.simple_tag(takes_context=True)
def site_nav(context: Context) -> Nav:
    """Give the frame's addresses; worked out once a request, in one query."""
    request = context.get("request")
    if request is None:
        return Nav(
            search_url=reverse("search"),
            my_registrations_url=reverse("my-registrations"),
            personal_data_url=reverse("personal-data"),
            data_url=reverse("data"),
        )
    if not hasattr(request, "site_nav"):
        nav = build(request, context.get("page"), is_indexed=not context.get("noindex"))
        number = getattr(context.get("paginator_page"), "number", 1)
        if nav.canonical and number > 1 and set(request.GET) == {"page"}:
            nav.canonical += f"?page={number}"  # another part of the whole list, not another view of the same
        request.site_nav = nav
    return request.site_nav


def build(request: HttpRequest, page: Any, *, is_indexed: bool) -> Nav:
    nav = Nav(
        search_url=reverse("search"),
        my_registrations_url=reverse("my-registrations"),
        personal_data_url=reverse("personal-data"),
        data_url=reverse("data"),
        admin_url=reverse("wagtailadmin_home"),
    )
    page = page if isinstance(page, Page) else None
    homes, sections, translations = trees(page)
    home = homes.get(current_language())
    if home is not None:
        nav.home_url = home.get_url(request) or "/"
        add_sections(nav, sections, request, page)
    nav.trail = [(gettext("Home"), nav.home_url)]
    nav.trail += [(title, url) for title, url, is_current in nav.sections if is_current and url != request.path]
    addresses = language_addresses(request, page, translations, homes)
    own_names = dict(settings.LANGUAGES)
    nav.languages = [
        (code, name, addresses[code], code == current_language())
        for code, name in own_names.items()
        if code in addresses
    ]
    if page is not None and page.pk and is_indexed:
        nav.canonical = page.get_full_url(request)  # of a filtered list too: it has one address, not one a filter
        if not request.GET:
            nav.alternates = alternates(request, page, translations)
    return nav


def trees(page: Page | None) -> tuple[dict[str, Page], list[Page], dict[str, Page]]:
    """Read in one query the home page of each language, what lies below the reader's, and this page's translations."""
    language = current_language()
    private = PageViewRestriction.objects.filter(page=OuterRef("pk"))
    # By their types, since no database has an index of depths and a site may have thousands of pages of words.
    types = ContentType.objects.get_for_models(HomePage, *section_models())
    home = types.pop(HomePage)
    wanted = Q(content_type=home, depth=HOME_DEPTH)
    wanted |= Q(content_type__in=list(types.values()), depth=HOME_DEPTH + 1, locale__language_code=language)
    key = page.translation_key if page is not None and page.pk else None
    if key:
        wanted |= Q(translation_key=key)
    rows = Page.objects.live().filter(wanted, ~Exists(private), alias_of=None).order_by("path")
    homes, sections, translations = {}, [], {}
    for row in rows:
        if row.content_type_id == home.pk:
            homes[locale_code(row.locale_id)] = row
        elif row.depth == HOME_DEPTH + 1:
            sections.append(row)
        if key and row.translation_key == key:
            translations[locale_code(row.locale_id)] = row
    above = homes.get(language)
    return homes, [row for row in sections if above is not None and row.path.startswith(above.path)], translations


def section_models() -> list[Any]:
    """Pages that may lie right below a home page: not the words of a fact."""
    models = [model for model in BasePage.__subclasses__() if not model._meta.abstract]
    return [model for model in models if model is not HomePage]


def add_sections(nav: Nav, sections: list[Page], request: HttpRequest, page: Page | None) -> None:
    """Put the sections into the menu, and the plain pages at the foot."""
    plain = ContentType.objects.get_for_model(PlainPage).pk
    above = SECTION_OF.get(page._meta.model_name) if page is not None else None
    for child in sections:
        url = child.get_url(request)
        if url is None:
            continue
        if child.content_type_id == plain:
            nav.footer.append((child.title, url))
        else:
            name = ContentType.objects.get_for_id(child.content_type_id).model
            nav.urls[name] = url
            nav.sections.append((child.title, url, name == above if above else request.path.startswith(url)))


def language_addresses(
    request: HttpRequest, page: Page | None, translations: dict[str, Page], codes: Iterable[str]
) -> dict[str, str]:
    """Give the address of the same thing in each language that has it, and in the reader's."""
    if page is None:
        return {code: same_path(request, code) for code in {*codes, current_language()}}
    addresses = {code: row.get_url(request) for code, row in translations.items()}
    fact = getattr(page, "fact", None)
    if current_language() not in addresses and fact is not None and fact.pk:
        addresses[current_language()] = fact.get_absolute_url()  # the original words in the reader's frame
    return {code: url for code, url in addresses.items() if url}


def same_path(request: HttpRequest, code: str) -> str:
    """Give the address of a form or a search in another language; of a page that is not there, its home page."""
    found = request.resolver_match
    prefix = f"/{current_language()}/"
    if found is None or found.url_name == "wagtail_serve" or not request.path.startswith(prefix):
        return f"/{code}/"
    return f"/{code}/{request.get_full_path().removeprefix(prefix)}"


def alternates(request: HttpRequest, page: Page, translations: dict[str, Page]) -> list[tuple[str, str]]:
    """List all translations, this one included, and the original for whom none of them suits."""
    if len(translations) < 2:
        return []
    rows = [
        (code, translations[code].get_full_url(request)) for code, _name in settings.LANGUAGES if code in translations
    ]
    original = getattr(getattr(page, "fact", None), "original_language", "") or settings.LANGUAGE_CODE
    default = translations.get(original) or next(iter(translations.values()))
    return [*rows, ("x-default", default.get_full_url(request))]
