"""The checklist of invitation mails finds what is wrong in one."""

import email
import email.policy

import pytest

from tests.events.itip_checklist import calendar_of, problems

UID = "6d1d5c1e-3c0f-4a3a-9d57-0c4f6d2b9a11"
CALENDAR = f"""\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//x//EN
CALSCALE:GREGORIAN
METHOD:REQUEST
BEGIN:VEVENT
UID:{UID}
DTSTAMP:20270110T130000Z
CREATED:20270110T120000Z
LAST-MODIFIED:20270110T120000Z
SEQUENCE:1
STATUS:CONFIRMED
TRANSP:OPAQUE
CLASS:PUBLIC
DTSTART:20270311T080000Z
DTEND:20270311T160000Z
SUMMARY:Meeting
ORGANIZER;CN=Portal:mailto:portal@example.org
ATTENDEE;CN=Maria;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACT
 ION;RSVP=TRUE:mailto:maria@example.org
X-MICROSOFT-DISALLOW-COUNTER:TRUE
END:VEVENT
END:VCALENDAR
"""
CANCELLED = (
    *(("METHOD:REQUEST", "METHOD:CANCEL"), ("STATUS:CONFIRMED", "STATUS:CANCELLED"), ("SEQUENCE:1", "SEQUENCE:2")),
    *(("TRANSP:OPAQUE", "TRANSP:TRANSPARENT"), ("SUMMARY:M", "SUMMARY:Cancelled: M")),
)


def mail(*changes, method="REQUEST", **headers):
    """A mail that is right, but for these replacements in its calendar."""
    text = CALENDAR
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    made = email.message.EmailMessage(policy=email.policy.SMTP)
    fields = {"From": "Portal <portal@example.org>", "To": "maria@example.org", "Auto-Submitted": "auto-generated"}
    for name, value in {**fields, **headers}.items():
        if value:
            made[name] = value
    made.set_content("Text")
    made.add_alternative("<p>Text</p>", subtype="html")
    data = text.replace("\n", "\r\n").encode()
    made.add_alternative(data.decode(), subtype="calendar", params={"method": method}, cte="base64")
    return made


def raw(made):
    return made.as_bytes()


def test_right_mails_have_no_problem():
    invited, ended = mail(), mail(*CANCELLED, method="CANCEL")

    assert problems(raw(invited)) == []
    assert problems(raw(ended), before=raw(invited)) == []
    assert calendar_of(raw(ended)).value("METHOD") == "CANCEL"


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (("METHOD:REQUEST\n", ""), "B02"),
        (("METHOD:REQUEST", "METHOD:PUBLISH"), "H01"),
        (("SUMMARY", "UID:x\nSUMMARY"), "C16"),
        ((f"UID:{UID}", "UID:x"), "H02"),
        (("ORGANIZER;CN=Portal:mailto:portal@example.org\n", ""), "H03"),
        (("ORGANIZER;CN=Portal:mailto:portal@", "ORGANIZER:mailto:Portal <portal@"), "H03"),
        (("portal@example.org", "other@example.org"), "H08"),
        (("portal@example.org", "maria@example.org"), "H08"),
        (("mailto:maria@example.org", "mailto:ana@example.org"), "H08"),
        ((";RSVP=TRUE", ""), "H04"),
        ((";ROLE=REQ-PARTICIPANT", ""), "H04"),
        (("ATTENDEE;", "ATTENDEE:mailto:x@example.org\nATTENDEE;"), "H03"),
        (("X-MICROSOFT-DISALLOW-COUNTER:TRUE\n", ""), "H04"),
        (("CN=Maria", "CN=\"^'M^'\""), "C15"),
        (("STATUS:CONFIRMED", "STATUS:CANCELLED"), "H05"),
        (("END:VEVENT", "BEGIN:VALARM\nEND:VALARM\nEND:VEVENT"), "B11"),
        (("DTSTAMP:20270110T13", "DTSTAMP:20270110T11"), "C03"),
        (("SUMMARY:Meeting", "SUMMARY:" + "x" * 80), "A03"),
    ],
)
def test_each_fault_of_the_calendar_is_found(change, check):
    found = problems(raw(mail(change)))

    assert [problem for problem in found if problem.startswith(check)] != []


def with_file(made):
    made.make_mixed()
    made.add_attachment(b"x", maintype="application", subtype="ics", filename="invite.ics")


def with_disposition(made):
    list(made.iter_parts())[-1]["Content-Disposition"] = "inline"


def as_7bit(made):
    part = list(made.iter_parts())[-1]
    part.set_payload(part.get_payload(decode=True).decode())
    part.replace_header("Content-Transfer-Encoding", "7bit")


def calendar_first(made):
    parts = made.get_payload()
    parts.insert(0, parts.pop())


def nothing(made):
    pass


@pytest.mark.parametrize(
    ("act", "made", "check"),
    [
        (with_file, {}, "H07"),
        (with_disposition, {}, "H07"),
        (as_7bit, {}, "H07"),
        (calendar_first, {}, "H07"),
        (nothing, {"Auto-Submitted": ""}, "H10"),
        (nothing, {"method": "CANCEL"}, "H01"),
        (nothing, {"To": "maria@example.org, ana@example.org"}, "H08"),
    ],
)
def test_each_fault_of_the_mail_is_found(act, made, check):
    message = mail(**made)
    act(message)

    found = problems(raw(message))

    assert [problem for problem in found if problem.startswith(check)] != []


@pytest.mark.parametrize(
    ("changes", "method", "check"),
    [
        ([("SEQUENCE:1", "SEQUENCE:0")], "REQUEST", "H05"),
        ([*CANCELLED[:2], *CANCELLED[3:]], "CANCEL", "H05"),
        ([("DTSTART:20270311", "DTSTART:20270310")], "REQUEST", "E04"),
        ([(UID, UID.replace("6d", "7d"))], "REQUEST", "C01"),
    ],
)
def test_each_fault_of_the_order_is_found(changes, method, check):
    found = problems(raw(mail(*changes, method=method)), before=raw(mail()))

    assert [problem for problem in found if problem.startswith(check)] != []
