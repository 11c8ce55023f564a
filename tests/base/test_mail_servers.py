"""Which server carries an invitation, and what the system check says of it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as configured
from django.core.checks import run_checks
from django.core.mail import EmailMessage, EmailMultiAlternatives

from portal.base.mail_servers import CARRIERS, InvitationLevel, connection_for, invitation_level, method_of
from portal.mail_url import ANYMAIL, mail_from_url

SMTP, SES = "django.core.mail.backends.smtp.EmailBackend", "anymail.backends.amazon_ses.EmailBackend"
POSTMARK = "anymail.backends.postmark.EmailBackend"
CARRIED, APART, LINK = InvitationLevel


def mail(*kinds):
    return EmailMultiAlternatives("S", "Text", to=["maria@example.org"], alternatives=[("x", kind) for kind in kinds])


def test_smtp_amazon_ses_and_what_stays_here_carry_invitations():
    urls = ["smtp://", "submission://", "file://", "console:", "memory:", *(f"anymail+{name}:" for name in ANYMAIL)]
    able = [url for url in urls if mail_from_url(url)[0]["EMAIL_BACKEND"] in CARRIERS]

    assert able == ["smtp://", "submission://", "file://", "console:", "memory:", "anymail+amazon-ses:"]


@pytest.mark.parametrize(
    ("ours", "apart", "level"),
    [
        (SMTP, "", CARRIED),
        (SES, "", CARRIED),
        (POSTMARK, "", LINK),
        (POSTMARK, SMTP, APART),
        (POSTMARK, POSTMARK, LINK),
        (SMTP, POSTMARK, CARRIED),
        (SMTP, SES, APART),
    ],
)
def test_level_is_that_of_the_servers(ours, apart, level, settings):
    settings.EMAIL_BACKEND, settings.INVITATION_EMAIL = ours, {"backend": apart} if apart else {}

    assert invitation_level() is level


def test_only_mails_with_a_method_go_apart(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.INVITATION_EMAIL = {"backend": SMTP, "host": "mail.example", "port": 587, "username": "u"}

    plain, asking = connection_for(mail("text/html")), connection_for(mail("text/html", "text/calendar; method=CANCEL"))

    assert type(plain).__module__ == "django.core.mail.backends.console"
    assert (asking.host, asking.port, asking.username) == ("mail.example", 587, "u")


def test_method_is_read_from_the_alternative():
    found = [
        method_of(made)
        for made in (
            *(EmailMessage("S"), mail(), mail("text/html"), mail("text/calendar")),
            mail("text/html", "text/calendar; method=REQUEST"),
        )
    ]

    assert found == ["", "", "", "", "REQUEST"]


SECOND = (
    "Set INVITATION_EMAIL_URL to a server that carries them: the SMTP server that your provider has as well"
    " (submission://user:password@host:587), or anymail+amazon-ses:?REGION_NAME=…"
)
BY_THEMSELVES = "Invitations go into people's calendars by themselves;"
TWO = (
    f"{BY_THEMSELVES} {SMTP} carries them, and {POSTMARK} all other mails. While one of the two cannot be reached, all"
    " mails wait."
)


@pytest.mark.parametrize(
    ("ours", "apart", "said"),
    [
        (SMTP, "", [("base.I001", f"{BY_THEMSELVES} {SMTP} carries them.", None)]),
        (
            POSTMARK,
            SMTP,
            [("base.I001", TWO, None)],
        ),
        (
            POSTMARK,
            "",
            [
                (
                    "base.I001",
                    f"Invitations are a link and a file that people open: {POSTMARK} cannot carry more.",
                    SECOND,
                )
            ],
        ),
        (
            SMTP,
            POSTMARK,
            [
                ("base.I001", f"{BY_THEMSELVES} {SMTP} carries them.", None),
                ("base.W001", f"INVITATION_EMAIL_URL is not used: {POSTMARK} cannot carry invitations.", SECOND),
            ],
        ),
    ],
)
def test_check_says_the_level_and_what_to_set(ours, apart, said, settings):
    settings.EMAIL_BACKEND, settings.INVITATION_EMAIL = ours, {"backend": apart} if apart else {}

    assert [(found.id, found.msg, found.hint) for found in run_checks(tags=["mail"])] == said


def manage(*arguments, **environment):
    known = {"SECRET_KEY": "only-for-tests", "PATH": os.environ["PATH"], "VAR_DIR": str(configured.VAR_DIR)}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=configured.BASE_DIR,
        env={**known, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_manage_check_shows_the_level_and_fails_for_a_second_server_in_vain():
    fine = manage("check", EMAIL_URL="anymail+postmark:?POSTMARK_SERVER_TOKEN=x")
    vain = manage(
        *("check", "--fail-level", "WARNING"),
        EMAIL_URL="smtp://mail.example",
        INVITATION_EMAIL_URL="anymail+brevo:?BREVO_API_KEY=x",
    )

    assert (fine.returncode, "INFOS:\n?: (base.I001) Invitations are a link" in fine.stdout + fine.stderr) == (0, True)
    assert (vain.returncode, "(base.W001) INVITATION_EMAIL_URL is not used" in vain.stderr) == (1, True)
