"""Receivers of Wagtail's own signals: what is published or taken back may stand in a handbook.

Who checks a sheet says so itself; labels of vocabularies have no signal, and `tick` compares once an hour.
"""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from wagtail.signals import page_published, page_unpublished, published, unpublished

from home.models import Cite, CitePage, Project, ProjectPage
from practices.handbook_building import changed
from practices.models import Practice, PracticePage


@receiver((published, unpublished), sender=Practice)
@receiver((published, unpublished), sender=Cite)
@receiver((published, unpublished), sender=Project)
@receiver((page_published, page_unpublished), sender=PracticePage)
@receiver((page_published, page_unpublished), sender=CitePage)
@receiver((page_published, page_unpublished), sender=ProjectPage)
def on_publication(**_kwargs: Any) -> None:
    changed()
