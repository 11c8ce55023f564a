"""The second factor of people who log in: codes from an app on the phone, and recovery codes on paper.

Coordinators must have one, editors may; who has one is asked in every session. django-otp keeps the devices, checks
the codes, slows down who guesses, and remembers in the session which device has vouched for the person.
"""

from __future__ import annotations

import re
import secrets
import time
from base64 import b32encode
from binascii import unhexlify
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_otp import verify_token
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.log_actions import log

from portal.base.permissions import is_coordinator
from portal.base.second_factor_letters import NEW_CODES, REMOVED, RESET, SET_UP, tell

if TYPE_CHECKING:
    from django_otp.models import Device

APP_DIGITS = 6
RECOVERY_DIGITS = 12  # digits alone, so that one field and one keyboard of a phone serve for both
RECOVERY_CODES = 10
RECOVERED = "portal.second_factor.recovered"


class CodeRefused(Exception):
    """The message is meant for the person."""


def has_second_factor(user: Any) -> bool:
    return TOTPDevice.objects.devices_for_user(user, confirmed=True).exists()


def must_have_one(user: Any) -> bool:
    return is_coordinator(user)


def is_held_back(user: Any) -> bool:
    """Whether the password alone is not enough for this session."""
    if not user.is_authenticated or user.is_verified():
        return False
    return must_have_one(user) or has_second_factor(user)


def digits_of(code: str) -> str:
    """The code as devices know it: apps and our own page write it in groups."""
    return re.sub(r"[\s-]", "", code, flags=re.ASCII)


def check(user: Any, code: str) -> Device:
    """The device that vouches for the user. Not inside a transaction: a wrong code must stay counted."""
    digits = digits_of(code)
    model = StaticDevice if len(digits) == RECOVERY_DIGITS else TOTPDevice
    device = model.objects.devices_for_user(user, confirmed=True).first()
    if device is None or not re.fullmatch(r"[0-9]+", digits):
        raise CodeRefused(_("This code is not right. The app shows a new one every 30 seconds."))
    is_allowed, why = device.verify_is_allowed()
    if not is_allowed:
        raise CodeRefused(wait(why["locked_until"]))
    verified = verify_token(user, device.persistent_id, digits)
    if verified is None:
        raise CodeRefused(_("This code is not right. The app shows a new one every 30 seconds."))
    if model is StaticDevice:
        log(user, RECOVERED, user=user)
    return verified


def wait(until: Any) -> str:
    seconds = max(1, round((until - timezone.now()).total_seconds()))
    return ngettext(
        "That code was wrong. Please wait %(number)s second before you try again.",
        "Too many wrong codes. Please wait %(number)s seconds before you try again.",
        seconds,
    ) % {"number": seconds}


# --- having one


def new_key() -> str:
    return secrets.token_hex(20)


def key_in_letters(key: str) -> str:
    """The key to type where the camera cannot be used, in groups of four."""
    letters = b32encode(unhexlify(key)).decode()
    return " ".join(letters[place : place + 4] for place in range(0, len(letters), 4))


def key_url(user: Any, key: str) -> str:
    return str(TOTPDevice(user=user, key=key).config_url)


@transaction.atomic
def set_up(user: Any, key: str, code: str, *, replaces: bool = False) -> tuple[Device, list[str]]:
    """Take this key for the user if the code comes from it; return the device and the recovery codes.

    `replaces` says that the user has just proven to have the former one.
    """
    lock(user)
    if has_second_factor(user) and not replaces:  # set up meanwhile, in another window or by somebody else
        raise CodeRefused(_("There is an app for this account already."))
    totp = TOTP(unhexlify(key))
    totp.time = time.time()
    digits = digits_of(code)
    if not re.fullmatch(rf"[0-9]{{{APP_DIGITS}}}", digits) or not totp.verify(int(digits), tolerance=1):
        raise CodeRefused(_("This code is not right. The app shows a new one every 30 seconds."))
    forget(user)
    # The code is used up: it does not log in whoever looked on.
    device = TOTPDevice.objects.create(user=user, name="app", key=key, drift=totp.drift, last_t=totp.t())
    note(user, SET_UP, by=user)
    return device, make_codes(user)


def note(user: Any, act: str, by: Any = None) -> None:
    """In the history, and in a mail to the owner, who may be somebody else than who sits at the keyboard."""
    log(user, act, user=by)
    tell(user, act)


def lock(user: Any) -> None:
    get_user_model().objects.select_for_update(of=("self",)).get(pk=user.pk)


def forget(user: Any) -> int:
    """Take the user's devices away, and with them what they vouch for in sessions; say how many there were."""
    apps, _by_model = TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    return apps


def make_codes(user: Any) -> list[str]:
    """Recovery codes instead of any former ones; each is good once."""
    device, _created = StaticDevice.objects.get_or_create(user=user, defaults={"name": "recovery codes"})
    device.token_set.all().delete()
    codes = [f"{secrets.randbelow(10**RECOVERY_DIGITS):0{RECOVERY_DIGITS}d}" for _number in range(RECOVERY_CODES)]
    for code in codes:
        device.token_set.create(token=code)
    return [" ".join((code[:4], code[4:8], code[8:])) for code in codes]


@transaction.atomic
def renew_codes(user: Any) -> list[str]:
    lock(user)
    note(user, NEW_CODES, by=user)
    return make_codes(user)


def codes_left(user: Any) -> int:
    return sum(device.token_set.count() for device in StaticDevice.objects.filter(user=user))


@transaction.atomic
def remove(user: Any) -> None:
    """For editors who go back to the password alone; a coordinator cannot."""
    if must_have_one(user):
        raise CodeRefused(_("Whoever coordinates the network needs one. You can change to another phone."))
    lock(user)
    forget(user)
    note(user, REMOVED, by=user)


@transaction.atomic
def reset(user: Any) -> bool:
    """For a colleague whose phone is lost; say whether there was a device."""
    lock(user)
    had_one = bool(forget(user))
    if had_one:
        note(user, RESET)
    return had_one
