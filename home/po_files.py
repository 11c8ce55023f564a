"""Files of translations, checked as a whole before anything of them is taken up.

wagtail-localize's own view meets a file without its header, in another encoding or without end with an error of the
server, and takes up markup and placeholders that the page cannot use.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import polib
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.views.pages.utils import get_valid_next_url_from_request
from wagtail_localize.models import StringSegment, Translation

from home.passages import why_not_stored, why_unusable

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

LARGEST = 1024 * 1024


@require_POST
def upload(request: HttpRequest, translation_id: int) -> HttpResponse:
    translation = get_object_or_404(Translation, pk=translation_id)
    page = translation.get_target_instance()
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    try:
        file = read(request.FILES.get("file"))
        refuse_other(file, translation)
        refuse_unusable(file, translation)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        translation.import_po(file, user=request.user, tool_name="PO File")
        messages.success(request, _("Successfully imported translations from PO File."))
    return redirect(get_valid_next_url_from_request(request) or page_url(page))


def page_url(page: Any) -> str:
    return f"/admin/pages/{page.pk}/edit/"


def read(uploaded: Any) -> polib.POFile:
    """Parse a file; polib reads it from the disk, since it takes a short text for the name of a file."""
    unreadable = ValidationError(
        _("This is not a PO file that the portal can read. Export it anew, and fill that one in.")
    )
    if uploaded is None or uploaded.size == 0:
        raise unreadable
    if uploaded.size > LARGEST:
        raise ValidationError(_("The file is larger than 1 MB; a page’s is much smaller."))
    content = uploaded.read()
    with tempfile.NamedTemporaryFile(suffix=".po") as copy:
        copy.write(content)
        copy.flush()
        try:
            if "\0" in content.decode("utf-8-sig"):
                raise unreadable
            return polib.pofile(copy.name, encoding="utf-8-sig")
        except (OSError, ValueError, IndexError) as error:  # polib has no error of its own
            raise unreadable from error


def refuse_other(file: polib.POFile, translation: Translation) -> None:
    if file.metadata.get("X-WagtailLocalize-TranslationID") != str(translation.uuid):
        raise ValidationError(_("This file belongs to another page or language."))


def refuse_unusable(file: polib.POFile, translation: Translation) -> None:
    """Markup and placeholders must be the original's; one wrong passage refuses the file."""
    known = set(StringSegment.objects.filter(source=translation.source).values_list("context__path", "string__data"))
    for entry in file:
        if entry.msgstr and (entry.msgctxt, entry.msgid) in known:
            why = why_not_stored(entry.msgctxt, entry.msgstr) or why_unusable(entry.msgid, entry.msgstr)
            if why:
                what = {"text": entry.msgid[:60], "why": why}
                raise ValidationError(_("Nothing was imported. “%(text)s”: %(why)s") % what)
