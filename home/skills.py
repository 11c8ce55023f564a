"""The repository of skills, and the training plan whose modules serve them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from home.models.training import TrainingModule
from home.models.vocabularies import Skill, SkillArea
from portal.base.pages import Entry, public_entry, with_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Area:
    """A skill area with its skills, and the modules that serve each."""

    area: SkillArea
    skills: list[tuple[Skill, list[Entry]]]


def skills_context(request: HttpRequest) -> dict[str, Any]:
    """All modules and all skills, in as many queries however many there are."""
    modules = with_words(TrainingModule.objects.shown(), request)
    serving = grouped(TrainingModule.skills.through.objects.values_list("skill_id", "trainingmodule_id"), modules)
    areas = SkillArea.objects.prefetch_related("skills")
    return {
        "modules": modules,
        "areas": [Area(area, [(skill, serving.get(skill.pk, [])) for skill in area.skills.all()]) for area in areas],
    }


def grouped(
    links: Iterable[tuple[int, int]], entries: Iterable[Entry], limit: int | None = None
) -> dict[int, list[Entry]]:
    """By skill the entries of facts that name it, in the order of the entries; `limit` of each."""
    named: dict[int, list[int]] = {}
    for skill, fact in links:
        named.setdefault(fact, []).append(skill)
    found: dict[int, list[Entry]] = {}
    for entry in entries:
        for skill in named.get(entry.fact.pk, ()):
            rows = found.setdefault(skill, [])
            if limit is None or len(rows) < limit:
                rows.append(entry)
    return found


def module_context(module: TrainingModule | None, request: HttpRequest) -> dict[str, Any]:
    if module is None or module.pk is None:  # a page whose facts are not chosen yet, in a preview
        return {"module": module}
    skills = list(module.skills.all())
    before = {row.pk for row in module.requires.all()}
    return {
        "module": module,
        "skills": skills,
        "project": public_entry(module.project, request),
        "before": with_words(TrainingModule.objects.shown().filter(pk__in=before), request) if before else [],
    }
