"""A sheet of the vademecum is two pages of paper, however full it is."""

from __future__ import annotations

import re

from playwright.sync_api import Page

PAGE = re.compile(rb"/Type\s*/Page\b")
# A sheet whose nine parts are all written, each a paragraph and a list of 600 characters, and whose facts are many.
FILL = """() => {
  const text = "La personne arrive sans rendez-vous, dit ce qu’elle cherche et choisit par où commencer. ";
  const part = document.querySelector("main .rich").closest("section");
  const others = [...document.querySelectorAll("main .rich")].map((each) => each.closest("section"));
  others.filter((each) => each !== part).forEach((each) => each.remove());
  const list = "<ul>" + `<li>${text}</li>`.repeat(3) + "</ul>";
  part.querySelector(".rich").innerHTML = `<p>${text.repeat(4)}</p>${list}`;
  for (let i = 0; i < 8; i += 1) part.after(part.cloneNode(true));
  const fact = document.querySelector(".facts ul").closest("div");
  for (let i = 0; i < 5; i += 1) fact.after(fact.cloneNode(true));
}"""


def test_a_full_sheet_prints_on_two_pages(page: Page):
    page.goto("/fr/practice/1/")
    page.evaluate(FILL)

    printed = page.pdf(format="A4", prefer_css_page_size=True)

    assert len(PAGE.findall(printed)) == 2
