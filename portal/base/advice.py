"""What an editor may have overlooked in a text: said beside the form, never refused.

Wagtail's own checks run in the browser on what the preview shows; these need none, and know what a portal's text is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup
from django.utils.translation import gettext as _
from wagtail.admin.panels import Panel
from wagtail.fields import RichTextField
from wagtail.rich_text import RichText

from portal.base.analysis import WORD, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.base.pages import BasePage

LONG_PARAGRAPH = 1000  # characters, some twelve lines on a screen and thirty on a phone
# Folded and without marks: who hears a list of the links of a page hears nothing else of them.
EMPTY_LINK_TEXTS = frozenset(
    {
        *("ici", "cliquez ici", "cliquer ici", "lire la suite", "en savoir plus", "plus", "suite", "lien", "ce lien"),
        *("here", "click here", "read more", "more", "link", "this link", "learn more", "see here"),
        *("qui", "clicca qui", "leggi", "leggi tutto", "leggi di piu", "scopri di piu", "link qui"),
        *("aqui", "haga clic aqui", "pulse aqui", "clic aqui", "leer mas", "mas", "mas informacion", "enlace"),
        *("clique aqui", "carregue aqui", "ler mais", "saber mais", "saiba mais", "mais", "ligacao"),
        *("hier", "hier klicken", "klicken sie hier", "mehr", "mehr lesen", "weiterlesen", "mehr erfahren"),
        *("klik hier", "lees meer", "lees verder", "meer", "meer informatie"),
        *("her", "klik her", "laes mere", "mere", "se her", "linket"),
        *("тук", "кликнете тук", "натиснете тук", "виж тук", "прочетете повече", "повече", "още", "линк"),
    }
)


class AdvicePanel(Panel):
    """The advice on the saved draft, at the head of the form; nothing where there is none."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "base/panels/advice.html"

        def get_context_data(self, parent_context: Any = None) -> Any:
            return super().get_context_data(parent_context) | {"advice": advice_on(self.instance)}

        def is_shown(self) -> bool:
            return self.instance.pk is not None and bool(advice_on(self.instance)) and super().is_shown()


def advice_on(page: BasePage) -> list[str]:
    """Sentences in the language of whoever reads them, the most useful first."""
    found = []
    if not page.summary.strip():
        found.append(_("There is no summary: lists and search engines will show the title alone."))
    soups = [BeautifulSoup(html, "html.parser") for html in rich_texts(page)]
    if texts := sorted({text for soup in soups for text in empty_links(soup)}):
        quoted = ", ".join(_("“%(text)s”") % {"text": text} for text in texts)
        found.append(_("Links should say where they lead. Change the text of: %(texts)s.") % {"texts": quoted})
    if begins_below_a_heading(page):
        found.append(_("A small heading comes before any heading of the second level. Put a heading before it."))
    if any(len(part.get_text()) > LONG_PARAGRAPH for soup in soups for part in soup.find_all("p")):
        found.append(_("A paragraph is longer than 1,000 characters. Two are easier to read, above all on a phone."))
    return found


def rich_texts(page: BasePage) -> Iterator[str]:
    """The sources of all rich text of a page, in its blocks and in fields of its own."""
    for block in page.body:
        if isinstance(block.value, RichText):
            yield block.value.source
    for field in page._meta.get_fields():
        if isinstance(field, RichTextField):
            yield getattr(page, field.name) or ""


def empty_links(soup: BeautifulSoup) -> Iterator[str]:
    for link in soup.find_all("a"):
        text = " ".join(link.get_text(" ").split())
        if " ".join(WORD.findall(fold(text.lower()))) in EMPTY_LINK_TEXTS | {""}:
            yield text


def begins_below_a_heading(page: BasePage) -> bool:
    for block in page.body:
        if block.block_type == "heading":
            return False
        if isinstance(block.value, RichText) and "<h3" in block.value.source:
            return True
    return False
