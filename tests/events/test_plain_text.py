import pytest

from events.plain_text import clean, one_line, shorten, without_addresses

HOSTILE = [
    "Atelier\r\nATTENDEE:mailto:x@evil.example\r\n",
    "nul\0nul \x0b\x0c\x1b[31m \x7f \x9c",
    "a\u2028b\u2029c\x85d\ufeffe",
    "\ud83d half a pair, and a whole one \U0001f600",
    "👩‍👩‍👧‍👦" * 400,
    "\u202eright to left\u202c \u200fعربي\u200e",
    "x" * 5000,
    "mot " * 1250,
    r"C:\New\names \, \; \\ \N",
    "<p>Deux <b>mots</b></p><script>alert('x')</script><img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp;lt;br&amp;amp;gt;",
    "<scr\0ipt>x</script> <<b>b>y",
    "&#13;&#10;BEGIN:VALARM&#0;&#x2028;",
    '"quotes": ^n ^^ ^\'; semi; comma, colon:',
    "Z̸̡̢̛̦̱̫̞͓̤̭̈́̈́̓͆̓̏" * 60,
    "\t\ttabs\t\tand   spaces  \n \n \n \n lines",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bonjour", "Bonjour"),
        ("a\r\nb\rc\x85d\u2028e\u2029f\ng", "a\nb\nc\nd\ne\nf\ng"),
        ("a\0\x07\x0b\x7f\x9f\ufeffb\ud800\ufffec", "abc"),
        ("e\u0301te\u0301", "été"),
        ("a\tb   c \n d\n\n\n\ne", "a b c\nd\n\ne"),
        ("L’accueil\u00a0: 5\u202f€", "L’accueil\u00a0: 5\u202f€"),
        ("<p>Un &amp; deux</p><p>trois<br/>quatre</p>", "Un & deux\n\ntrois\nquatre"),
        ("<h2>Titre</h2><ul><li>un</li>\n<li>deux</li></ul>fin", "Titre\n\n- un\n- deux\n\nfin"),
        ("<p>Une phrase\nsur deux lignes</p>", "Une phrase sur deux lignes"),
        ('<a linktype="page" id="3">lien</a> <EM>fort</EM><!-- secret -->', "lien fort"),
        ("<style>p{}</style><script type=x>alert(1)</script>ok", "ok"),
        ("&lt;b&gt;gras&lt;/b&gt; &amp;lt;i&amp;gt;x", "gras x"),
        ("<scr\0ipt>alert(1)</scr\0ipt>y", "y"),
        ("a < b, c > d, I <3 R&D &bogus; & co", "a < b, c > d, I <3 R&D &bogus; & co"),
        ("Journée <portes ouvertes> List<String>", "Journée ‹portes ouvertes› List‹String›"),
        (r"C:\New\names\data", "C:＼New＼names\\data"),
        ("BEGIN:VEVENT, end:VCALENDAR; weekend:mine", "BEGIN: VEVENT, end: VCALENDAR; weekend:mine"),
        ("\u202eabc\u202c", "\u202eabc\u202c"),
        ("x" * 30_000, "x" * 20_000),
        ("", ""),
    ],
)
def test_clean_gives_plain_text(text, expected):
    assert clean(text) == expected


@pytest.mark.parametrize("text", HOSTILE)
def test_clean_changes_nothing_the_second_time(text):
    assert clean(clean(text)) == clean(text)


def test_clean_leaves_no_tag_however_often_it_was_escaped():
    escaped = "<b>"
    for _ in range(9):
        escaped = escaped.replace("&", "&#38;").replace("<", "&#60;")

    assert "<b" not in clean(escaped)


def test_one_line_joins_lines_and_has_an_end():
    assert one_line("Rue A\n\n1000 Bruxelles", joined_by=", ") == "Rue A, 1000 Bruxelles"
    assert one_line("mot " * 1250, longest=20) == "mot mot mot mot mot…"


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("court", 5, "court"),
        ("un deux trois", 10, "un deux…"),
        ("un deux, trois", 10, "un deux…"),
        ("un\ndeux trois", 9, "un\ndeux…"),
        ("a " + "b" * 30, 10, "a bbbbbbb…"),
        ("👩\u200d👩\u200d👧" * 4, 8, "👩\u200d👩\u200d👧…"),
        ("e\u0323\u0323\u0323\u0323" * 4, 8, "e\u0323\u0323\u0323\u0323…"),
        ("\u0323" * 9, 3, "\u0323…"),
    ],
)
def test_shorten_cuts_at_words_and_never_within_a_sign(text, longest, expected):
    assert shorten(text, longest) == expected


def test_addresses_are_left_out():
    text = "Écrire à marie.dupont+cdm@exemple.paris.fr, ou à @marie : 3@5 ; <a@b.example>"

    assert without_addresses(text) == "Écrire à …, ou à @marie : 3@5 ; <…>"
