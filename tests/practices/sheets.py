"""One sheet of which everything is known, one of which nothing is, and words that mean harm."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile
from wagtail.documents import get_document_model

from home.models import PartnerKind, Principle, Skill, SkillArea, TargetGroup
from practices.models import Chapter, PracticeSource
from tests.factories import make_cite, make_event, make_practice, make_project, practice_page, publish

HOSTILE = '=HYPERLINK("https://evil.example")</script><script>alert(1)</script>]]>&lt;b&gt;\x0b\u2028\r\n+1\'"'


def full_sheet(trees: Any, **fields: Any) -> Any:
    """Its words are in French, and in English where there is a tree for them."""
    area = SkillArea.objects.create(code="network", labels={"fr": "Réseau"})
    sheet = make_practice(
        "Atelier",
        cite=make_cite("porto"),
        chapter=Chapter.objects.create(code="run", labels={"fr": "Faire vivre", "en": "Run"}),
        project=make_project("cocade"),
        evidence="measured",
        since="2017-09",
        until="2019",
        authors="Équipe de Porto",
        licence="cc-by",
        contact_email="maria@example.org",
        live=False,
        **fields,
    )
    sheet.target_groups = [TargetGroup.objects.create(code="young", labels={"fr": "Jeunes"})]
    sheet.partner_kinds = [PartnerKind.objects.create(code="school", labels={"en": "School"})]
    sheet.principles = [Principle.objects.create(code="free", labels={"en": "Free"})]
    sheet.skills = [Skill.objects.create(code="n1", area=area, labels={"en": "To link"})]
    sheet.taken_up_by = [make_cite("lyon", country="FR"), make_cite("hidden", live=False)]
    sheet.events = [make_event("Rencontre")]
    sheet.sources = [PracticeSource(title="Report", url="https://example.org/r", as_of="2019")]
    sheet = publish(sheet)
    document = get_document_model()(title="Guide")
    document.file.save("guide.pdf", ContentFile(b"%PDF-1.4"))
    words = {
        "summary": "En un mot.",
        "question": "Comment faire ?",
        "context": "<p>Un <b>quartier</b> &amp; une école.</p><ul><li>A</li><li>B</li></ul>",
        "steps": "<ol><li>Réunir</li></ol>",
        "documents": [
            ("file", {"document": document, "title": ""}),
            ("link", {"title": "Site", "url": "https://example.org/"}),
            ("link", {"title": "Livre", "url": ""}),
        ],
        "body": [("heading", "Plus"), ("text", "<p>Encore.</p>")],
    }
    practice_page(trees["fr"]["vademecum"], sheet, "Un atelier", **words)
    if "en" in trees:
        practice_page(trees["en"]["vademecum"], sheet, "A workshop", summary="In a word.", question="How?")
    return sheet
