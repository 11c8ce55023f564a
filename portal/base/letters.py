"""What a mail says, once: written as text and as HTML from the same words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from portal.base.languages import current_language

EMPTY_LINES = re.compile(r"\n{3,}")


class Way(NamedTuple):
    """Something to do: what the button says, and where it leads."""

    label: str
    url: str


@dataclass(slots=True)
class Letter:
    """One mail, in the language that is active while it is made."""

    subject: str
    greeting: str = ""
    paragraphs: list[str] = field(default_factory=list)
    button: Way | None = None
    after: list[str] = field(default_factory=list)


def written(letter: Letter, to: str, template: str = "base/emails/letter") -> EmailMultiAlternatives:
    """The letter as a message; `template` names a pair of templates, .txt and .html."""
    context = {
        "letter": letter,
        "language": current_language(),
        "site_url": settings.SITE_URL,
        "site_name": settings.WAGTAIL_SITE_NAME,
    }
    text = EMPTY_LINES.sub("\n\n", render_to_string(f"{template}.txt", context)).strip() + "\n"
    message = EmailMultiAlternatives(subject=" ".join(letter.subject.split()), body=text, to=[to])
    message.attach_alternative(render_to_string(f"{template}.html", context).lstrip(), "text/html")
    return message
