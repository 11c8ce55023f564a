"""Stored rich text as a tree: what is known keeps its form, what is not becomes words, what could run is dropped."""

import pytest
from django.core.files.base import ContentFile
from django.utils import translation
from wagtail.documents import get_document_model

from portal.base.blocks import BODY_BLOCKS
from portal.base.fields import BodyField
from portal.base.rich_text import (
    MAX_LENGTH,
    Bold,
    Break,
    Heading,
    Item,
    Link,
    List,
    Paragraph,
    Quote,
    Text,
    as_html,
    as_plain_text,
    parse,
    parse_body,
    read,
    resolved,
)
from tests.factories import make_page, make_section, make_tree


def paragraph(*words):
    return Paragraph(tuple(Text(each) if isinstance(each, str) else each for each in words))


# --- reading


@pytest.mark.parametrize(
    ("stored", "tree"),
    [
        ("", ()),
        ("<p></p><p> </p>", ()),
        ('<p data-block-key="a1">Un</p><p>Deux</p>', (paragraph("Un"), paragraph("Deux"))),
        ("<p>Un <b>gras</b> mot</p>", (paragraph("Un ", Bold((Text("gras"),)), " mot"),)),
        ("<p>Un <strong>gras</strong></p>", (paragraph("Un ", Bold((Text("gras"),))),)),
        ("<p>a<br/>b<br></p>", (paragraph("a", Break(), "b"),)),
        ("<h3>Titre</h3>", (Heading(3, (Text("Titre"),)),)),
        ("<h1>Titre</h1>", (Heading(3, (Text("Titre"),)),)),
        (
            "<ul><li>un</li><li>deux<ol><li>a</li></ol></li></ul>",
            (
                List(
                    (
                        Item((Text("un"),)),
                        Item((Text("deux"),), (List((Item((Text("a"),)),), is_ordered=True),)),
                    )
                ),
            ),
        ),
        ("<ul><li>un</li><ul><li>a</li></ul></ul>", (List((Item((Text("un"),), (List((Item((Text("a"),)),)),)),)),)),
        ("<ul><li><p>a</p><p>b</p></li></ul>", (List((Item((Text("a"), Break(), Text("b"))),)),)),
        ("  deux \n mots  ", (paragraph("deux mots"),)),
        ("<p>« où\u202f? »\u00a0: là</p>", (paragraph("« où\u202f? »\u00a0: là"),)),
        ("<p>a &lt;b&gt; &amp; c</p>", (paragraph("a <b> & c"),)),
    ],
)
def test_what_the_editor_writes_becomes_a_tree(stored, tree):
    assert parse(stored) == tree


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\n\nb"),
        ("<p>a<o:p>b</o:p><font color=red>c</font></p>", "abc"),
        ("<p>a<script>alert(1)</script>b</p>", "ab"),
        ("<style>p { color: red }</style><p>a</p>", "a"),
        ("<p>a<!-- [if mso]> x <![endif] -->b</p>", "ab"),
        ("<svg><text>x</text></svg><p>a</p>", "a"),
        ('<p>a<embed embedtype="image" id="1"/></p>', "a"),
        ("<b>a<p>b</p>c</b>", "a\n\nb\n\nc"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("<<<>>&&&", "<<<>>&&&"),
    ],
)
def test_what_is_unknown_becomes_its_words_and_what_runs_is_dropped(stored, words):
    assert as_plain_text(parse(stored)) == words


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "java&#10;script:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "page:1",
        "document:1",
        "",
    ],
)
def test_a_link_that_may_not_lead_anywhere_becomes_its_words(url):
    assert parse(f'<p><a href="{url}">ici</a></p>') == (paragraph("ici"),)


def test_links_keep_addresses_that_may_be_followed():
    for url in ("https://example.org/?a=1", "mailto:a@example.org", "tel:+33", "/fr/", "#là"):
        assert parse(f'<p><a href="{url}">ici</a></p>') == (paragraph(Link(url, (Text("ici"),))),)


def test_handlers_and_styles_never_come_through():
    stored = '<p onclick="x()" style="y" class="MsoNormal"><a href="https://e.org/" onclick="x()">a</a></p>'

    assert as_html(parse(stored)) == '<p><a href="https://e.org/">a</a></p>'


@pytest.mark.parametrize("start", ["<div>", "<b>", "<ul><li>", "<a href='/x'>", "<table><tr><td>", "<x><p>"])
def test_no_depth_of_elements_is_too_deep(start):
    tree = parse(start * 3000 + "au fond")

    assert as_plain_text(tree).strip(" -\n") == "au fond"
    assert as_html(tree).count("<") < 100


def test_a_sheet_of_thirty_pages_is_read_whole_and_a_larger_text_up_to_a_limit():
    long = "<p>" + "mot " * 20_000 + "fin</p>"
    with translation.override("en"):
        cut = parse("<p>" + "mot " * (MAX_LENGTH // 2) + "fin</p>")

    assert as_plain_text(parse(long)).endswith("mot fin")
    assert "fin" not in as_plain_text(cut[:-1])
    assert cut[-1] == paragraph("This text is too long to be shown in full.")


# --- writing


def test_html_says_what_was_stored():
    stored = (
        "<p>Un <b>gras</b> &amp; <a href=\"https://e.org/?a=1&amp;b='2'\">lien</a><br>ici</p>"
        "<h3>T</h3><ol><li>a<ul><li>b</li></ul></li></ol>"
    )

    assert as_html(parse(stored)) == stored.replace("'", "&#x27;")


def test_words_that_look_like_markup_stay_words_in_html():
    assert as_html(parse("<p>&lt;script&gt;x&lt;/script&gt; &amp;amp;</p>")) == (
        "<p>&lt;script&gt;x&lt;/script&gt; &amp;amp;</p>"
    )


def test_html_is_read_again_as_the_same_tree():
    tree = parse("<p>a <b>b<br>c</b></p><ul><li>d<ol><li>e</li></ol></li><li>f</li></ul><h3>g</h3>")

    assert parse(as_html(tree)) == tree


def test_plain_text_has_a_line_an_item():
    stored = "<p>Un <b>mot</b><br>ici</p><ol><li>a</li><li>b<ul><li>c</li></ul></li></ol>"

    assert as_plain_text(parse(stored)) == "Un mot\nici\n\n1. a\n2. b\n   - c"


# --- addresses


@pytest.mark.django_db
def test_links_lead_to_public_pages_in_the_readers_language(rf):
    trees = make_tree("fr", "en")
    page, gone = (
        trees["fr"]["vademecum"],
        make_page(trees["fr"]["home"], type(trees["fr"]["agenda"]), "Brouillon", live=False),
    )
    stored = f'<p><a linktype="page" id="{page.pk}">a</a> <a linktype="page" id="{gone.pk}">b</a></p>'

    with translation.override("en"):
        assert as_html(read([stored])[0]) == f'<p><a href="{trees["en"]["vademecum"].url}">a</a> b</p>'
    with translation.override("fr"):
        assert as_html(read([stored])[0]) == f'<p><a href="{page.url}">a</a> b</p>'


@pytest.mark.django_db
@pytest.mark.parametrize("link", ['linktype="page" id="999999"', 'linktype="page"', 'linktype="user" id="1"'])
def test_a_link_to_nothing_becomes_its_words(link):
    assert as_html(read([f"<p><a {link}>a</a></p>"])[0]) == "<p>a</p>"


@pytest.mark.django_db
def test_numbers_beyond_any_column_are_no_links():
    assert as_html(read([f'<p><a linktype="document" id="{10**40}">a</a></p>'])[0]) == "<p>a</p>"


@pytest.mark.django_db
def test_addresses_of_many_texts_are_asked_for_at_once(django_assert_num_queries):
    tree = make_tree("fr")
    pages = [make_section(tree["fr"]["home"], type(tree["fr"]["agenda"]), f"P{n}", slug=f"p-{n}") for n in range(3)]
    file = get_document_model().objects.create(title="D", file=ContentFile(b"x", "d.pdf"))
    one = [f'<p><a linktype="page" id="{pages[0].pk}">a</a><a linktype="document" id="{file.pk}">d</a></p>']
    many = one + [f'<ul><li><a linktype="page" id="{page.pk}">a</a></li></ul>' for page in pages]
    read(one)

    with django_assert_num_queries(3):
        read(one)
    with django_assert_num_queries(3):
        found = read(many)
    with django_assert_num_queries(0):
        read(["<p>a</p>"] * 10)
    assert f'<a href="{file.url}">d</a>' in as_html(found[0])
    assert [pages[2].url in as_html(tree) for tree in found] == [False, False, False, True]


# --- blocks


@pytest.mark.django_db
def test_blocks_of_a_text_become_the_same_tree():
    file = get_document_model().objects.create(title="Convention", file=ContentFile(b"x" * 2048, "c.pdf"))
    field = BodyField(BODY_BLOCKS)
    body = field.to_python(
        [
            {"type": "heading", "value": "Avant"},
            {"type": "text", "value": "<p>Un <b>mot</b></p>"},
            {"type": "steps", "value": ["un\ndeux", " "]},
            {"type": "quote", "value": {"text": "On part de la question.", "who": "Une conseillère"}},
            {"type": "file", "value": {"document": file.pk, "title": ""}},
            {"type": "file", "value": {"document": 99999, "title": "Perdu"}},
            {"type": "sources", "value": [{"title": "Charte", "url": "https://e.org/"}, {"title": "Livre", "url": ""}]},
        ]
    )

    with translation.override("en"):
        tree = resolved([parse_body(body)])[0]

    assert tree == (
        Heading(2, (Text("Avant"),)),
        paragraph("Un ", Bold((Text("mot"),))),
        List((Item((Text("un"), Break(), Text("deux"))),), is_ordered=True),
        Quote((Text("On part de la question."),), "Une conseillère"),
        paragraph(Link(file.url, (Text("Convention (PDF, 2.0\u00a0KB)"),))),
        Heading(2, (Text("Sources"),)),
        List((Item((Link("https://e.org/", (Text("Charte"),)),)), Item((Text("Livre"),)))),
    )
    assert as_plain_text(tree).startswith("Avant\n\nUn mot\n\n1. un\ndeux\n\nOn part de la question. – Une conseillère")
    assert '<figure class="quote"><blockquote><p>On part de la question.</p></blockquote>' in as_html(tree)


# Willow leaves its temporary files to be closed when they are collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_picture_of_the_database_has_words_for_who_does_not_see_it(db):
    from wagtail.images.tests.utils import get_test_image_file

    from portal.base.models import PortalImage

    image = PortalImage.objects.create(title="Façade", file=get_test_image_file())
    field = BodyField(BODY_BLOCKS)

    def picture(**value):
        raw = [{"type": "picture", "value": {"image": {"image": image.pk, **value}, "caption": "Vu de la rue"}}]
        return parse_body(field.to_python(raw))[0]

    found = picture(alt_text="La <porte>", decorative=False)
    assert (found.image.pk, found.alt, found.caption) == (image.pk, "La <porte>", "Vu de la rue")
    assert picture(alt_text="", decorative=False).alt == "Vu de la rue"
    assert picture(alt_text="", decorative=True).alt == ""
    assert 'alt="La &lt;porte&gt;"' in as_html([picture(alt_text="La <porte>", decorative=False)])
