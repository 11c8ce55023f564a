"""What the fields of the public forms take, tidy and refuse."""

import datetime as dt

import pytest
import time_machine
from django.core import signing
from django.core.exceptions import ValidationError

from events.fields import SALT, AddressField, NameField, OneLineField, StampField, TextField, stamp
from portal.base.widgets import QuickSelect

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
ONE_LINE = ["Veuillez écrire cela sur une seule ligne, sans caractères de contrôle."]
LATE = StampField().error_messages["required"]
HIDDEN = [
    *("\x00", "\x07", "\t", "\x1b", "\x7f", "\x85", "\x9f"),
    *("\u200b", "\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069", "\ufeff"),
]
NAMES = [
    "Zoë Ångström", "Ægir Ørsted", "Мария Петрова", "Λουκάς", "李小龍", "محمد", "ñandú d'Él", "O’Neill-Smith Jr.",
    "J. R. R. Tolkien", "Dr. med. A.B. Ruiz", "X", "Anne-Sophie de la Tour d’Auvergne-Lauraguais", "St. Comte",
    "क्षत्रिय", "Thị Hồng Hạnh", "Ng", "Núñez (Porto)", "1", "Comité", "Internet", "N. Etoile",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _english():
    from django.utils import translation

    with translation.override("en"):
        yield


def refused(field, value):
    with pytest.raises(ValidationError) as raised:
        field.clean(value)
    return raised.value.messages


@pytest.mark.parametrize("name", NAMES)
def test_name_is_taken_as_people_write_it(name):
    assert NameField(max_length=120).clean(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "Win http://x.y", "see HTTPS://evil", "www.evil.io", "evil.com", "Evil.COM now", "go to evil.ru/x", "bit.ly/x",
        "ftp://x", "buy.shop today", "a.top", "www.", "t.me/joinchat",
    ],
)  # fmt: skip
def test_name_that_advertises_is_refused(name):
    assert refused(NameField(max_length=120), name) == ["Please write a name, without a web address."]


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
@pytest.mark.parametrize("field", [OneLineField(), NameField()], ids=["line", "name"])
def test_line_with_what_nobody_sees_is_refused(field, hidden):
    assert refused(field, f"Ma{hidden}ria") == ["Please write this on one line, without control characters."]


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n"])
def test_line_is_one(ending):
    assert refused(OneLineField(), f"a{ending}Bcc: b") == ["Please write this on one line, without control characters."]


def test_line_is_stripped_and_normal():
    assert OneLineField().clean("  Zoe\u0301 \u00a0") == "Zoé"


def test_line_is_measured_as_it_is_kept():
    assert OneLineField(max_length=3).clean("Zoe\u0301") == "Zoé"
    # This letter is two in the usual form.
    assert refused(OneLineField(max_length=3), "\ufb2c" * 2) != []


def test_text_has_lines():
    assert TextField().clean("one\r\ntwo\nthree") == "one\r\ntwo\nthree"


@pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\t", "\u202e", "\u200b", "\ufeff"], ids=ascii)
def test_text_with_what_nobody_sees_is_refused(hidden):
    assert refused(TextField(), f"a{hidden}b") == ["Please write this without control characters."]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Maria@Example.ORG ", "maria@example.org"),
        ("O'NEILL+x@example.org", "o'neill+x@example.org"),
        ("maria@BÜCHER.example", "maria@bücher.example"),
        ("maria@xn--bcher-kva.example", "maria@xn--bcher-kva.example"),
    ],
)
def test_address_is_kept_in_lower_case(typed, kept):
    assert AddressField().clean(typed) == kept


@pytest.mark.parametrize(
    "address",
    [
        "x", "@", "a@b", "a@@b.org", "a b@c.org", "a@b.org c@d.org", "a@b.org,c@d.org", "<a@b.org>", "A <a@b.org>",
        "a@[127.0.0.1]", "a@127.0.0.1", "root@localhost", "a@b.org\nBcc: c@d.org", "a@b.org\r\n.\r\nMAIL FROM:<x@y.z>",
        '"\x01"@b.org', '"a\x7fb"@b.org', "a\x00@b.org", "a@b.org\u202e", "a@-b.org", "a@b..org", ".a@b.org",
        "mailto:a@b.org",
        "a@b.org?cc=c@d.org", "a%0aBcc:c@d.org@",
    ],
)  # fmt: skip
def test_address_that_is_none_is_refused(address):
    assert refused(AddressField(max_length=254), address) != []


@time_machine.travel(NOON, tick=False)
def test_stamp_says_how_long_the_form_was_open():
    text = stamp()

    with time_machine.travel(NOON + dt.timedelta(minutes=5), tick=False):
        assert StampField().clean(text) == dt.timedelta(minutes=5)


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    "text",
    [
        "", None, "x", "a:b:c", "\x00", "é", "x" * 10_000, ":" * 500,
        signing.dumps(NOON.timestamp(), salt="another form"),
        signing.dumps("no number", salt=SALT),
        signing.dumps({}, salt=SALT),
        signing.dumps(None, salt=SALT),
        signing.dumps(NOON.timestamp(), key="another site", salt=SALT),
    ],
    ids=range(13),
)  # fmt: skip
def test_stamp_that_is_none_asks_to_send_once_more(text):
    assert refused(StampField(), text) == [str(LATE)]


def test_stamp_is_good_for_a_day():
    with time_machine.travel(NOON, tick=False):
        text = stamp()

    with time_machine.travel(NOON + dt.timedelta(hours=23, minutes=59), tick=False):
        assert StampField().clean(text) > dt.timedelta(hours=23)
    with time_machine.travel(NOON + dt.timedelta(hours=24, minutes=1), tick=False):
        assert refused(StampField(), text) == [str(LATE)]


def test_stamp_that_was_changed_is_none():
    text = stamp()

    assert refused(StampField(), text[:-1] + ("A" if text[-1] != "A" else "B")) == [str(LATE)]


def test_select_writes_its_options_safely():
    widget = QuickSelect(choices=[("", "Choose"), ("a", "<b>"), ('"', "x")], attrs={"autocomplete": 'c"d'})

    assert widget.render("name", "a", {"id": "id_name"}) == (
        '<select autocomplete="c&quot;d" id="id_name" name="name"><option value="">Choose</option>\n'
        '<option value="a" selected>&lt;b&gt;</option>\n<option value="&quot;">x</option></select>'
    )
