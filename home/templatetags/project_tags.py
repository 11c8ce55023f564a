"""The projects of the network, and their dates as exactly as they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from home.models import Project
from home.models.project import Precision
from portal.base import when
from portal.base.pages import Entry, with_words

if TYPE_CHECKING:
    import datetime as dt

    from django.template import Context

register = template.Library()

WRITE = {Precision.DAY: when.long_day, Precision.MONTH: when.month_and_year}


@register.simple_tag(takes_context=True)
def projects(context: Context) -> list[Entry]:
    return with_words(Project.objects.shown(), context.get("request"))


@register.filter
def project_dates(project: Any) -> str:
    """Write "September 2017 – February 2019"; empty where no date is known."""
    known = [written(project, day) for day in (project.starts_on, project.ends_on) if day]
    return " – ".join(dict.fromkeys(known))


def written(project: Any, day: dt.date) -> str:
    write = WRITE.get(project.precision)
    return write(day) if write else str(day.year)
