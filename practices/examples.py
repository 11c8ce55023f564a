"""Help and a good example beside each part of a sheet. All the examples tell of one practice, so that they add up."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TitleFieldPanel

EXAMPLES: dict[str, Any] = {
    "title": _("A first welcome by two partners"),
    "question": _("How can a visitor with a vague question be helped within ten minutes?"),
    "summary": _(
        "Every morning the employment service and the training centre welcome visitors together. In one year the "
        "second appointments fell by a third."
    ),
    "context": _(
        "Until 2019 visitors queued at one desk and were sent on to a partner. Four in ten did not come back. Half of "
        "them were older than forty and wanted to change their work."
    ),
    "objectives": _(
        "No visitor leaves without a next step. No visitor tells the same story twice. Each partner knows what the "
        "others offer."
    ),
    "steps": _(
        "1. Two months: the partners write down the twenty most frequent questions.\n"
        "2. One month: each adviser spends a morning at each of the other desks.\n"
        "3. From then on: two advisers, of two partners, stand at the door every morning.\n"
        "4. Every Friday: twenty minutes on what went wrong."
    ),
    "partners": _(
        "Employment service: one adviser each morning. Training centre: one adviser each morning, and the room. "
        "Region: pays the training of the advisers. The Cité: makes the timetable, and keeps the list of questions."
    ),
    "resources": _(
        "Two advisers for three hours a day, one day a month for coordination, 1,500 euros once for a counter without "
        "a glass screen."
    ),
    "results": _(
        "2,140 visitors in 2022, counted at the door. Second appointments: from 38 to 25 of 100. Asked in a survey of "
        "210 visitors, nine in ten said that they knew what to do next."
    ),
    "success_factors": _(
        "The directors stood at the door themselves for the first week. The timetable is made by one person. Nobody "
        "wears a badge of their own institution."
    ),
    "obstacles": _(
        "The first timetable failed: partners sent whoever was free. Afternoons were given up after two months, since "
        "too few people came."
    ),
    "transfer": _(
        "A second Cité took it up in 2021, with one adviser instead of two. It needs at least two partners under one "
        "roof and somebody who makes the timetable."
    ),
    "documents": _("Agreement between the two partners (PDF, 4 pages); the form for the first conversation."),
    "name": _("First welcome by two partners"),
    "target_groups": _("Job seekers and people in work who want to change: those who really came, not all who may."),
    "partner_kinds": _("Employment service, training centre, region: those without whom it would not work."),
    "evidence": _("“Measured” if you can give a number and say how it was counted; else “tried”."),
    "contact_email": _("welcome@cite.example.org, which is read when somebody is on leave."),
    "authors": _("Cité des métiers of Exampleville and its training centre"),
    "licence": _("CC BY 4.0 lets others translate and adapt it as long as they name you."),
}

HELP: dict[str, Any] = {
    "title": _("What is done, in a few words that can be understood alone. At most 100 characters."),
    "question": _("As a counsellor would ask it. At most 200 characters."),
    "summary": _("Write it last: what is done, for whom, with what result. At most 300 characters."),
    "context": _("Where it began: the place, the people, the problem."),
    "objectives": _("Optional. What was to be better, so that one could see it."),
    "steps": _("What was done, in order, so that somebody else could do it."),
    "partners": _("Who takes part, and what each of them does, gives and gets."),
    "resources": _("Optional. Time, people, money, rooms."),
    "results": _("What changed, and how you know: numbers with their source, or what people said."),
    "success_factors": _("Optional. Without what it would not have worked."),
    "obstacles": _("Optional, and what readers look for most: what went wrong, and what you gave up."),
    "transfer": _("Optional. Who has taken it up, what they changed, and what another Cité must have first."),
    "documents": _("Optional. What others can use again. The sheet must be understood without it."),
    "name": _("For editors; readers see the texts."),
    "target_groups": _("Readers look for practices by these."),
    "partner_kinds": _("Optional. Readers look for practices by these."),
    "evidence": _("Be modest: an idea that was tried helps as well."),
    "contact_email": _("An address of the service, not of a person. At most 254 characters."),
    "authors": _("As it shall be cited; empty: the owner. At most 200 characters."),
    "licence": _("Who may use the sheet again, and how. Empty while that is not decided: readers are told so."),
}


class GuidedPanel(FieldPanel):
    """A field with short help and, to open below it, a good example."""

    def __init__(self, field_name: str, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", HELP[field_name])
        super().__init__(field_name, **kwargs)

    class BoundPanel(FieldPanel.BoundPanel):
        template_name = "practices/panels/guided.html"

        @property
        def example(self) -> Any:
            return EXAMPLES[self.field_name]


class GuidedTitlePanel(TitleFieldPanel):
    """The same for the title, which makes the address."""

    def __init__(self, field_name: str = "title", **kwargs: Any) -> None:
        kwargs.setdefault("help_text", HELP[field_name])
        super().__init__(field_name, **kwargs)

    class BoundPanel(TitleFieldPanel.BoundPanel):
        template_name = "practices/panels/guided.html"

        @property
        def example(self) -> Any:
            return EXAMPLES[self.field_name]
