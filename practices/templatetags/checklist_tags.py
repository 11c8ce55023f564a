"""The list of what a sheet still lacks, in what Wagtail sends back when a browser has saved of itself."""

from __future__ import annotations

from typing import Any

from django import template

from practices.checklist import form_checklist, sheet_in_form

register = template.Library()


@register.inclusion_tag("practices/panels/checklist_renewed.html")
def renewed_checklist(thing: Any) -> dict[str, Any]:
    practice = sheet_in_form(thing)
    return form_checklist(practice) if practice is not None else {}
