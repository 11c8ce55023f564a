"""The repository of skills and the training plan: what serves a skill, and when it can be learnt."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.utils import translation

from home.models import SkillsPage
from portal.audit import pages_without_facts
from portal.base.open_data import absolute
from tests.factories import (
    event_page,
    make_event,
    make_module,
    make_practice,
    make_section,
    make_skill,
    make_tree,
    module_page,
    practice_page,
    publish,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    tree = make_tree("fr", "en")["fr"]
    tree["skills"] = make_section(tree["home"], SkillsPage, "Compétences", show_in_menus=True)
    return tree


def serve(row, *skills):
    row.skills = list(skills)
    return publish(row)


def content(client, page):
    return client.get(page.get_url()).content.decode()


def test_page_shows_the_whole_repository_with_what_serves_each_skill(client, tree):
    listen, lead = make_skill("listen", descriptions={"fr": "Laisser parler."}), make_skill("lead", area="teams")
    module_page(tree["skills"], serve(make_module("Écoute"), listen))
    practice_page(tree["vademecum"], serve(make_practice("Accueil"), listen))
    event_page(tree["agenda"], serve(make_event("Stage"), listen, lead))

    page = content(client, tree["skills"])

    first, second = page.split('id="skill-listen"')[1].split('id="skill-lead"')
    assert "Laisser parler." in first
    for title in ("Écoute", "Accueil", "Stage"):
        assert f">{title}</a>" in first
    assert ">Stage</a>" in second
    assert "Accueil" not in second
    assert "?skill=listen" in first


def test_drafts_and_past_trainings_serve_nothing(client, tree):
    skill = make_skill()
    for row in (make_module("Brouillon", live=False), make_practice("Cachée", live=False)):
        row.skills = [skill]
        row.save()
    event_page(tree["agenda"], serve(make_event("Passé", in_days=-30), skill))

    page = content(client, tree["skills"])

    assert "Brouillon" not in page
    assert "Cachée" not in page
    assert ">Passé</a>" not in page


@pytest.mark.parametrize("number", [1, 4])
def test_repository_asks_the_database_as_often_for_four_skills_as_for_one(
    client, tree, number, django_assert_max_num_queries
):
    for place in range(number):
        skill = make_skill(f"skill-{place}", area=f"area-{place}")
        module_page(tree["skills"], serve(make_module(f"m{place}"), skill))
        practice_page(tree["vademecum"], serve(make_practice(f"p{place}"), skill))
        event_page(tree["agenda"], serve(make_event(f"e{place}"), skill))
    content(client, tree["skills"])

    with django_assert_max_num_queries(20):
        page = content(client, tree["skills"])

    assert page.count('id="skill-skill-') == number


def test_module_says_how_long_it_lasts_what_comes_before_and_when_it_is_taught(client, tree):
    skill = make_skill()
    first = make_module("Accueillir", number="A", hours=3)
    module_page(tree["skills"], first)
    second = make_module("Conduire", number="B", hours="3.5", skills=[skill], requires=[first])
    page = module_page(tree["skills"], second, objectives="<p>Savoir conduire.</p>")
    event_page(tree["agenda"], serve(make_event("Stage"), skill))

    found = content(client, page)

    assert "3,5 heures" in found.replace("\xa0", " ").replace("\u202f", " ")
    assert ">Accueillir</a>" in found
    assert "Savoir conduire." in found
    assert ">Stage</a>" in found
    assert f'href="{tree["skills"].get_url()}#skill-listen"' in found


def test_module_without_a_duration_says_that_it_is_to_be_confirmed(client, tree):
    with translation.override("fr"):
        page = module_page(tree["skills"], make_module("Sans durée"))
    english = client.get(f"/en/module/{page.module_id}/").content.decode()

    assert "to be confirmed" in english
    assert 'lang="fr"' in english


def test_module_cannot_come_before_itself():
    module = make_module()
    module.requires = [module]

    with pytest.raises(ValidationError, match="requires"):
        module.full_clean()


def test_module_that_is_a_draft_has_no_address(client, tree):
    module = make_module(live=False)

    assert client.get(f"/fr/module/{module.pk}/").status_code == 404


def test_event_names_the_skills_that_it_serves(client, tree):
    skill = make_skill()
    page = event_page(tree["agenda"], serve(make_event("Stage"), skill))

    assert f'href="{tree["skills"].get_url()}#skill-listen"' in content(client, page)


def test_search_finds_a_module_by_its_objectives(client, tree):
    module_page(tree["skills"], make_module("Conduire"), objectives="<p>Animer un tour de table.</p>")

    found = client.get("/fr/search/?q=tour de table").content.decode()

    assert "Conduire" in found


# --- for programs


def data_of(client, address):
    page = BeautifulSoup(client.get(address).content, "html.parser")
    return [json.loads(str(tag.string)) for tag in page.select('script[type="application/ld+json"]')]


def test_module_says_to_search_engines_what_is_known(client, tree):
    first = make_module("Accueillir", number="A")
    first_page = module_page(tree["skills"], first)
    second = make_module("Conduire", number="B", hours="3.5", skills=[make_skill()], requires=[first])
    page = module_page(tree["skills"], second, summary="En un mot.")

    assert data_of(client, page.get_url()) == [
        {
            "@context": "https://schema.org",
            "@type": "Course",
            "name": "Conduire",
            "description": "En un mot.",
            "url": page.full_url,
            "courseCode": "B",
            "timeRequired": "PT3H30M",
            "teaches": [{"@type": "DefinedTerm", "name": "Listen", "termCode": "listen"}],
            "coursePrerequisites": [
                {"@type": "Course", "name": "Accueillir", "url": absolute(first_page.get_url())},
            ],
        }
    ]
    assert data_of(client, f"/en/module/{first.pk}/") == [
        {
            "@context": "https://schema.org",
            "@type": "Course",
            "name": "Accueillir",
            "url": first_page.full_url,
            "courseCode": "A",
        }
    ]


def test_made_up_module_says_so_to_search_engines(client, tree):
    page = module_page(tree["skills"], make_module("Essai", is_demonstration=True))

    ((data),) = data_of(client, page.get_url())

    assert data["name"] == "Démonstration\u202f: Essai"


def test_sitemap_holds_the_repository_and_public_modules(client, tree):
    shown = module_page(tree["skills"], make_module("Montré"))
    hidden = module_page(tree["skills"], make_module("Caché", live=False))

    text = client.get("/sitemap.xml").content.decode()

    assert [page.get_url() in text for page in (tree["skills"], shown, hidden)] == [True, True, False]


def test_audit_finds_a_module_page_without_facts(tree):
    page = module_page(tree["skills"], make_module("Orphelin"))
    assert list(pages_without_facts()) == []

    type(page).objects.filter(pk=page.pk).update(module=None)

    assert list(pages_without_facts()) == [f"page {page.pk} (Orphelin) has no facts"]


# --- where practices and skills meet


def test_skill_leads_to_its_practices_in_the_vademecum(client, tree):
    practice_page(tree["vademecum"], serve(make_practice("Avec"), make_skill("listen")), "Avec")
    practice_page(tree["vademecum"], make_practice("Sans"), "Sans")
    (address,) = re.findall(r'href="([^"]+\?skill=listen)"', content(client, tree["skills"]))

    found = client.get(address).content.decode()

    assert [f">{title}</a>" in found for title in ("Avec", "Sans")] == [True, False]


def test_event_shows_its_skills_and_the_practices_that_were_discussed(client, tree):
    page = event_page(tree["agenda"], serve(make_event("Rencontre"), make_skill("listen")))
    discussed = make_practice("Discutée", live=False)
    discussed.events = [page.event]
    practice_page(tree["vademecum"], publish(discussed), "Discutée")
    practice_page(tree["vademecum"], make_practice("Autre"), "Autre")

    found = content(client, page)

    assert "#skill-listen" in found
    assert [f">{title}</a>" in found for title in ("Discutée", "Autre")] == [True, False]
