"""A Cité's address is a promise: what it was before goes on working."""

import pytest
from django.core.exceptions import ValidationError

from home.models import Cite, FormerSlug
from tests.factories import cite_page, draft, make_cite, make_event, make_tree, stored

pytestmark = pytest.mark.django_db


def rename(cite, slug):
    drafted = stored(cite).get_latest_revision_as_object()
    drafted.slug = slug
    drafted.save_revision().publish()


def test_former_address_of_a_cite_leads_to_the_new_one(client):
    cite = make_cite("porto")
    page = cite_page(make_tree("fr")["fr"]["network"], cite)

    rename(cite, "porto-norte")

    old, new = client.get("/fr/cite/porto/"), client.get("/fr/cite/porto-norte/")
    assert (old.status_code, old["Location"]) == (301, "/fr/cite/porto-norte/")
    assert (new.status_code, new["Location"]) == (302, page.url)


def test_former_addresses_of_calendars_and_frames_show_the_same(client):
    cite = make_cite("porto")
    make_event(cite=cite)
    rename(cite, "porto-norte")

    for path in ("/fr/calendar/cite/{}.ics", "/fr/calendar/cite/{}/training.ics", "/fr/embed/agenda/cite/{}/"):
        old, new = client.get(path.format("porto")), client.get(path.format("porto-norte"))
        assert (old.status_code, old.content) == (new.status_code, new.content) == (200, new.content)


def test_former_address_is_given_to_no_other_cite():
    cite = make_cite("porto")
    rename(cite, "porto-norte")

    with pytest.raises(ValidationError) as refused:
        Cite(slug="porto", official_name="Another", country="PT", timezone="Europe/Lisbon").full_clean()

    assert list(refused.value.message_dict) == ["slug"]


def test_cite_may_have_its_former_address_again(client):
    cite = make_cite("porto")
    rename(cite, "porto-norte")
    rename(cite, "porto")

    stored(cite).full_clean()

    assert sorted(FormerSlug.objects.values_list("slug", flat=True)) == ["porto", "porto-norte"]
    assert client.get("/fr/cite/porto-norte/")["Location"] == "/fr/cite/porto/"


def test_address_that_was_never_public_is_not_remembered():
    cite = make_cite("porto", live=False)
    cite.slug = "porto-norte"

    draft(cite)

    assert not FormerSlug.objects.exists()
