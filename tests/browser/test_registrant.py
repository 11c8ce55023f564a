"""From the event to the seat, to the mail, to the link in it, and back: on every device, with and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.client import Client
from tests.browser.conftest import OpenWindow, Staged
from tests.browser.crawl import language_of
from tests.browser.mails import mails_to, manage_link, wait_for_mails
from tests.server import PortalServer

SEATS = re.compile(r"(\d+) of \d+ seats? left")


def seats_left(client: Client, event: int) -> int:
    """As the public page says it; 0 if it says that the event is full."""
    words = client.get(f"/en/event/{event}/").words("main aside")
    found = SEATS.search(words)
    assert found or "Full" in words
    return int(found[1]) if found else 0


def fill(page: Page, *, name: str, email: str, country: str = "PT", language: str = "") -> None:
    page.locator("#id_name").fill(name)
    page.locator("#id_email").fill(email)
    page.locator("#id_country").select_option(country)
    if language:
        page.locator("#id_language").select_option(language)


def send(page: Page, button: str = "form.form button") -> Response:
    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        page.locator(button).click()
    page.wait_for_load_state()
    return answer.value


@pytest.mark.parametrize(
    ("phone", "javascript", "page_language", "mail_language"),
    [(False, True, "fr", "fr"), (False, False, "fr", "en"), (True, True, "en", "fr"), (True, False, "en", "en")],
    ids=["desktop", "desktop without script", "phone", "phone without script"],
)
def test_somebody_registers_and_gives_the_seat_back(
    open_window: OpenWindow,
    portal_server: PortalServer,
    client: Client,
    staged: Staged,
    *,
    phone: bool,
    javascript: bool,
    page_language: str,
    mail_language: str,
):
    address = f"ana.{page_language}.{mail_language}.{phone}@example.org".lower()
    before = seats_left(client, staged.open)
    page = open_window(phone=phone, javascript=javascript)

    page.goto(f"/{page_language}/event/{staged.open}/")
    page.locator("main aside a.button:not(.quiet)").click()
    fill(page, name="Ana Ribeiro d’Ângelo", email=f"  {address.upper()} ", language=mail_language)
    answer = send(page)

    assert answer.status == 200
    expect(page.locator("main .notice.ok")).to_contain_text(address)
    (mail,) = wait_for_mails(portal_server, address)
    assert seats_left(client, staged.open) == before - 1
    words = mail.get_content()
    assert language_of(words) == mail_language
    assert "Ana Ribeiro d’Ângelo" in words
    link = manage_link(mail)
    assert link.startswith(f"{portal_server.url}/{mail_language}/registration/")

    page.goto(link)
    expect(page.locator("html")).to_have_attribute("lang", mail_language)
    expect(page.locator("main")).to_contain_text(address)
    expect(page.locator("form[method=post]")).to_be_hidden()
    page.locator("details.ask summary").click()
    send(page, "details.ask form button")

    expect(page.locator("main .notice.warn").first).to_be_visible()
    expect(page.locator("details.ask")).to_have_count(0)
    assert seats_left(client, staged.open) == before
    second = wait_for_mails(portal_server, address, 2)[1]
    assert language_of(second.get_content()) == mail_language
    assert second["Subject"] != mail["Subject"]


def test_looking_at_the_link_changes_nothing(client: Client, staged: Staged):
    path = staged.manage_url.removeprefix(client.base)

    answers = [client.get(path), client.get(f"{path}?act=cancel"), client.raw("HEAD", path), client.get(path)]

    assert [answer.status for answer in answers] == [200] * 4
    assert seats_left(client, staged.full) == 0
    assert [button.get_text(strip=True) for button in answers[-1].document.select("details.ask form button")] != []


def test_the_link_is_for_one_reader(client: Client, staged: Staged):
    page = client.get(staged.manage_url)

    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.document.select("link[rel=canonical], link[hreflang]") == []
    assert client.get(staged.manage_url[:-2] + "x/").status == 404


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_mistakes_are_named_and_what_was_typed_stays(
    open_window: OpenWindow, staged: Staged, browser_errors: list[str], javascript: bool
):
    page = open_window(javascript=javascript)
    page.goto(f"/en/event/{staged.open}/register/")
    page.locator("#id_name").fill("Zoë <b>O’Neil</b>")
    page.locator("#id_email").fill("not an address")
    page.locator("#id_organisation").fill("Cité “des” métiers")
    page.get_by_label("online").check()
    page.locator("#id_language").select_option("bg")

    answer = send(page)
    browser_errors.clear()  # Chromium calls a 422 an error

    assert answer.status == 422
    assert page.title().startswith("Error:")
    summary = page.locator("#errors")
    expect(summary).to_be_in_viewport()
    if javascript:
        expect(summary).to_be_focused()
    assert summary.locator("li").all_inner_texts() == [
        "Enter an e-mail address like name@example.org",
        "Choose the country that you come from",
    ]
    assert page.locator("#id_name").input_value() == "Zoë <b>O’Neil</b>"
    assert page.locator("#id_email").input_value() == "not an address"
    assert page.locator("#id_organisation").input_value() == "Cité “des” métiers"
    assert page.locator("#id_language").input_value() == "bg"
    assert page.get_by_label("online").is_checked()
    assert page.locator("#id_email").get_attribute("aria-invalid") == "true"
    described = str(page.locator("#id_email").get_attribute("aria-describedby")).split()
    told = " ".join(page.locator(f"#{part}").inner_text() for part in described)
    assert "Enter an e-mail address like name@example.org" in told
    summary.locator("a").first.click()
    expect(page.locator("#id_email")).to_be_focused()


def test_an_empty_form_is_not_sent_away(page: Page, staged: Staged, browser_errors: list[str]):
    page.goto(f"/fr/event/{staged.open}/register/")

    answer = send(page)
    browser_errors.clear()  # Chromium calls a 422 an error

    assert answer.status == 422
    assert page.locator("#errors li").count() == 3
    assert language_of(page.locator("#errors").inner_text()) in {"fr", None}


def test_a_full_event_says_so_and_asks_for_nothing(page: Page, client: Client, staged: Staged):
    page.goto(f"/en/event/{staged.full}/")
    expect(page.locator("main aside")).to_contain_text("Full")
    assert page.locator("main aside a[href$='register/']").count() == 0

    page.goto(f"/en/event/{staged.full}/register/")

    expect(page.locator("main .notice", has_text="Full")).to_be_visible()
    assert page.locator("form[method=post]").count() == 0


def test_the_last_seat_goes_to_one_of_two(
    open_window: OpenWindow, portal_server: PortalServer, client: Client, staged: Staged, browser_errors: list[str]
):
    first, second = open_window(), open_window(phone=True)
    for page, name in ((first, "rapide"), (second, "lente")):
        page.goto(f"/fr/event/{staged.one_seat}/register/")
        fill(page, name=name, email=f"{name}@example.org")

    assert send(first).status == 200
    refused = send(second)
    browser_errors.clear()  # Chromium calls a 422 an error

    assert refused.status == 422
    expect(second.locator("#errors")).to_be_focused()
    expect(second.locator("#errors")).to_contain_text("dernière place")
    assert seats_left(client, staged.one_seat) == 0
    assert mails_to(portal_server, "lente@example.org") == []

    first.goto(manage_link(wait_for_mails(portal_server, "rapide@example.org")[0]))
    first.locator("details.ask summary").click()
    send(first, "details.ask form button")
    assert seats_left(client, staged.one_seat) == 1
    second.goto(f"/fr/event/{staged.one_seat}/register/")
    fill(second, name="lente", email="lente@example.org")
    assert send(second).status == 200
    second.goto(manage_link(wait_for_mails(portal_server, "lente@example.org")[0]))
    second.locator("details.ask summary").click()
    send(second, "details.ask form button")
    assert seats_left(client, staged.one_seat) == 1


def test_nobody_learns_who_is_registered(
    open_window: OpenWindow, portal_server: PortalServer, client: Client, staged: Staged
):
    said = []
    before = seats_left(client, staged.open)
    for name in ("Nina Nova", "Somebody Else"):
        page = open_window()
        page.goto(f"/en/event/{staged.open}/register/")
        fill(page, name=name, email="nina@example.org")
        assert send(page).status == 200
        said.append(page.locator("main").inner_text())

    assert said[0] == said[1]
    assert seats_left(client, staged.open) == before - 1
    first, again = wait_for_mails(portal_server, "nina@example.org", 2)
    assert manage_link(first) == manage_link(again)
    assert "Somebody Else" not in again.get_content()


def test_the_page_after_registering_may_be_loaded_again(page: Page, client: Client, staged: Staged):
    before = seats_left(client, staged.open)
    page.goto(f"/en/event/{staged.open}/register/")
    fill(page, name="Rita", email="rita@example.org")
    send(page)

    page.reload()

    assert seats_left(client, staged.open) == before - 1


def test_a_robot_that_fills_every_field_gets_no_seat(
    page: Page, portal_server: PortalServer, client: Client, staged: Staged
):
    before = seats_left(client, staged.open)
    page.goto(f"/en/event/{staged.open}/register/")
    fill(page, name="Robot", email="robot@example.org")
    page.locator("#id_website").fill("https://spam.example", force=True)

    assert send(page).status == 200

    assert seats_left(client, staged.open) == before
    assert mails_to(portal_server, "robot@example.org") == []


def test_a_mail_in_another_language_has_its_links_there(page: Page, portal_server: PortalServer, staged: Staged):
    page.goto(f"/fr/event/{staged.open}/register/")
    fill(page, name="Иван", email="ivan@example.org", country="BG", language="bg")
    send(page)

    (mail,) = wait_for_mails(portal_server, "ivan@example.org")
    page.goto(manage_link(mail))

    assert "/bg/registration/" in page.url
    assert "януари 2027" in mail.get_content() or "декември 2026" in mail.get_content()
    expect(page.locator("html")).to_have_attribute("lang", "bg")
    expect(page.locator("main [lang=fr]").first).to_contain_text("Atelier")


def test_somebody_who_lost_the_mail_gets_the_links_again(page: Page, portal_server: PortalServer, staged: Staged):
    page.goto(f"/en/event/{staged.open}/register/")
    fill(page, name="Lola", email="lola@example.org")
    send(page)
    link = manage_link(wait_for_mails(portal_server, "lola@example.org")[0])
    said = []
    for address in ("lola@example.org", "stranger@example.org"):
        page.goto("/en/my-registrations/")
        page.locator("#id_email").fill(address)
        assert send(page).status == 200
        said.append(page.locator("main").inner_text().replace(address, "…"))

    assert said[0] == said[1]
    assert link in wait_for_mails(portal_server, "lola@example.org", 2)[1].get_content()
    assert mails_to(portal_server, "stranger@example.org") == []


def test_an_event_that_is_cancelled_takes_nobody(page: Page, staged: Staged):
    page.goto(f"/en/event/{staged.cancelled}/")
    expect(page.locator("main .notice.error")).to_contain_text("cancelled")
    assert page.locator("a[href$='register/']").count() == 0

    page.goto(f"/en/event/{staged.cancelled}/register/")

    assert page.locator("form[method=post]").count() == 0
