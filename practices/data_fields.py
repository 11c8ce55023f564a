"""What the fields of a sheet mean in the public data; the page that shows it is that of the events app."""

from __future__ import annotations

from django.utils.translation import gettext as _

from events.data_page import Fields, codes

__all__ = ["Fields", "codes", "of_practices"]


def of_practices() -> Fields:
    return [
        (
            ["question", "parts", "documents"],
            _("The whole words as plain text, part by part; what stands beside the parts is called “more”."),
        ),
        (
            ["authors", "licence"],
            _("How to name who wrote the sheet, and under which licence its words are; null while nobody has decided."),
        ),
        (
            ["owner", "project", "taken_up_by", "events"],
            _("Whose practice it is, and where it was made and discussed."),
        ),
        (
            ["chapter", "target_groups", "partner_kinds", "principles", "skills"],
            _("Codes that stay, each with its label: the chapter, for whom, with whom, to which ends."),
        ),
        (
            ["evidence", "since", "until", "checked_on"],
            _("How far it is proved, since when it is done, and when its Cité last checked the sheet."),
        ),
        (
            ["published_at", "updated_at"],
            _("When the sheet became public, and when its facts or words last changed or were checked."),
        ),
    ]
