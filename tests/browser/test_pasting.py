"""What an editor has in Word goes into a sheet by the clipboard of a real browser, and comes out clean."""

from __future__ import annotations

import ast
import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.client import Client
from tests.browser.conftest import OpenWindow, sign_in
from tests.server import PortalServer

GAP = "<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp; </span>"


def item(mark: str, text: str, place: str, level: int = 1) -> str:
    """A paragraph that Word shows as an item of a list, and says so in its style alone."""
    return f"""<p class=MsoListParagraphCxSp{place} style='text-indent:-18.0pt;mso-list:l0 level{level} lfo1'>
<![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>{mark}{GAP}
</span></span><![endif]><span lang=FR style='mso-ansi-language:FR'>{text}<o:p></o:p></span></p>"""


# As Word 2016 puts it on the clipboard; shortened, but with each kind of its remains.
WORD = f"""<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">
<head><meta name=Generator content="Microsoft Word 15"><!--[if gte mso 9]><xml><w:WordDocument>
<w:View>Normal</w:View></w:WordDocument></xml><![endif]-->
<style><!-- p.MsoNormal {{mso-style-unhide:no; font-family:"Calibri",sans-serif;}} --></style></head>
<body lang=FR style='tab-interval:35.4pt'><!--StartFragment-->
<h3 style='mso-list:none'><a name="_Toc1"></a><span lang=FR style='font-family:"Arial"'>D’abord<o:p></o:p></span></h3>
<p class=MsoNormal><b><span lang=FR style='font-size:11.0pt;color:red'>Deux conseillers</span></b><span lang=FR> sont à
la porte (<a href="https://example.org/porte" style='color:blue'>le plan</a>).<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
{item("·", "Réunir les partenaires", "First")}
{item("·", "Écrire la convention", "Last")}
{item("1.", "Essayer", "First")}
{item("2.", "Mesurer", "Last")}
<table class=MsoTableGrid border=1 style='border-collapse:collapse;mso-yfti-tbllook:1184'><tr style='mso-yfti-irow:0'>
<td width=151 style='border:solid windowtext 1.0pt'><p class=MsoNormal>2019<o:p></o:p></p></td>
<td width=151><p class=MsoNormal>38 sur 100<o:p></o:p></p></td></tr></table>
<p class=MsoNormal><!--[if gte vml 1]><v:shape id="i1"><v:imagedata src="file:///C:/T/image001.png"/></v:shape>
<![endif]--><![if !vml]><img width=9 height=9 src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
v:shapes="i1"><![endif]><o:p></o:p></p>
<p class=MsoNormal>Fin.<o:p></o:p></p>
<!--EndFragment--></body></html>"""

CLEAN = (
    '<h3>D’abord</h3><p><b>Deux conseillers</b> sont à la porte (<a href="https://example.org/porte">le plan</a>).</p>'
    "<ul><li>Réunir les partenaires</li><li>Écrire la convention</li></ul><ol><li>Essayer</li><li>Mesurer</li></ol>"
    "<p>2019</p><p>38 sur 100</p><p>Fin.</p>"
)

COPY = """html => document.addEventListener("copy", event => {
  event.clipboardData.setData("text/html", html);
  event.preventDefault();
  event.stopImmediatePropagation();
}, {capture: true, once: true})"""


@pytest.fixture
def sheet(portal_server: PortalServer) -> dict[str, int]:
    code = "from tests.browser.staging import stage_sheet; stage_sheet()"
    return json.loads(portal_server.manage("shell", "-v", "0", "-c", code).stdout.splitlines()[-1])


def paste(page: Page, part: str, html: str) -> None:
    """By the keys that people press, from the clipboard that the browser shares with other programs."""
    page.locator("#id_title").focus()
    page.evaluate(COPY, html)
    page.keyboard.press("Control+c")
    field = page.locator(f"[data-contentpath={part}] [contenteditable=true]").first
    field.click()
    field.press("Control+a")
    field.press("Control+v")
    expect(page.locator(f"[name={part}]")).to_have_value(re.compile("Fin"))


def test_a_text_from_word_is_clean_for_its_readers(
    open_window: OpenWindow, portal_server: PortalServer, client: Client, sheet: dict[str, int]
):
    page = open_window()
    sign_in(page, portal_server, "reviewer")
    page.goto(f"/admin/pages/{sheet['page']}/edit/")
    page.wait_for_timeout(2500)  # what is written in its first two seconds Wagtail takes for what was there
    with page.expect_response(lambda response: response.request.method == "POST" and "/edit/" in response.url):
        paste(page, "steps", WORD)  # and let the browser save it: what it sends during the next step comes too late
    page.locator("footer [data-w-dropdown-target=toggle]").click()
    page.locator("button[name=action-publish]").click()
    expect(page.locator(".messages .success")).to_be_visible()

    code = f"from practices.models import PracticePage as P; print(ascii(P.objects.get(pk={sheet['page']}).steps))"
    said = portal_server.manage("shell", "-v", "0", "-c", code).stdout.splitlines()[-1]
    stored = re.sub(r' data-block-key="\w+"', "", ast.literal_eval(said))
    shown = client.get(f"/fr/practice/{sheet['practice']}/").one("section[aria-labelledby=steps] .rich")
    assert stored.replace("<li> ", "<li>") == CLEAN
    assert shown.decode_contents().strip() == CLEAN
