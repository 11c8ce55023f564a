"""The guide in the admin: what an editor does most, in short steps, with the names of the buttons as he sees them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from portal.base.languages import current_language

WRITTEN_IN = ("en", "fr")  # the first is shown to readers of other languages
CHAPTERS = ("event", "practice", "translate", "cite", "registrations", "pictures")
# Words of Wagtail and wagtail-localize, in whose catalogues they are: marked as ours, they would come into ours too.
WAGTAIL = {
    "save_draft": "Save draft",
    "publish": "Publish",
    "preview": "Preview",
    "images": "Images",
    "add_image": "Add an image",
    "alt_text": "Alt text",
    "decorative": "Image is decorative",
    "submit": "Submit",
    "history": "History",
}


class GuideView(WagtailAdminTemplateMixin, TemplateView):
    template_name = "home/guide.html"
    page_title = _("Guide")
    header_icon = "help"
    _show_breadcrumbs = True  # else the heading is that of the first crumb, "Home"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        language = current_language() if current_language() in WRITTEN_IN else WRITTEN_IN[0]
        return super().get_context_data(**kwargs) | {
            "written_in": language,
            "is_foreign": language != current_language(),
            "chapters": [f"home/guide/{language}/{name}.html" for name in CHAPTERS],
            "contents": f"home/guide/{language}/contents.html",
            "wagtail": WAGTAIL,
        }
