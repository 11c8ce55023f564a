"""How often strangers may send something, and what a network is."""

import datetime as dt

import pytest
import time_machine
from django.core.cache import cache
from django.test import RequestFactory

from events.limits import HASTY, PER_ADDRESS, PER_NETWORK, is_address_over, is_network_over, is_over, network_of

NOON = dt.datetime(2027, 1, 10, 12, 10, tzinfo=dt.UTC)
PATIENT = dt.timedelta(minutes=1)


def came_from(address, **headers):
    request = RequestFactory().post("/", REMOTE_ADDR=address, **headers)
    if address is None:
        del request.META["REMOTE_ADDR"]
    return request


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("8.8.8.8", "8.8.8.8/32"),
        ("2a01:cb00:1:2300::1", "2a01:cb00:1:2300::/56"),
        ("2a01:cb00:1:23ff:ffff::9", "2a01:cb00:1:2300::/56"),
        ("::ffff:8.8.8.8", "8.8.8.8/32"),  # a socket for both versions writes IPv4 so
        ("2a01:cb00:1:2300::1%eth0", "2a01:cb00:1:2300::/56"),
        ("127.0.0.1", ""),
        ("10.1.2.3", ""),
        ("192.168.1.1", ""),
        ("::ffff:10.1.2.3", ""),
        ("::1", ""),
        ("fe80::1%eth0", ""),
        ("fd00::1", ""),
        ("", ""),
        (None, ""),
        ("unix:", ""),
        ("8.8.8.8:4711", ""),
        ("999.1.1.1", ""),
        ("8.8.8.8\x00", ""),
    ],
)
def test_network_is_what_one_household_or_office_has(address, network):
    assert network_of(came_from(address)) == network


@pytest.mark.parametrize("header", ["8.8.4.4", "8.8.4.4, 1.1.1.1", "garbage", "' OR 1=1", "\x00", ", ,"])
def test_network_is_not_what_a_stranger_writes(header):
    assert network_of(came_from("8.8.8.8", HTTP_X_FORWARDED_FOR=header)) == "8.8.8.8/32"


@pytest.mark.parametrize(
    ("header", "network"),
    [
        ("1.1.1.1", "1.1.1.1/32"),
        ("6.6.6.6, 1.1.1.1", "1.1.1.1/32"),
        ("' OR 1=1, 1.1.1.1", "1.1.1.1/32"),
        ("2a01:cb00:1:2300::1", "2a01:cb00:1:2300::/56"),
        ("1.1.1.1, 10.0.0.1", ""),
        ("1.1.1.1, garbage", ""),
        ("", "8.8.8.8/32"),
        ("1.1.1.1,", "8.8.8.8/32"),
    ],
)
def test_network_is_the_last_that_a_declared_proxy_wrote(settings, header, network):
    settings.BEHIND_PROXY = True

    assert network_of(came_from("8.8.8.8", HTTP_X_FORWARDED_FOR=header)) == network


def test_limit_is_how_many_pass():
    found = [is_address_over("maria@example.org") for _time in range(PER_ADDRESS + 2)]

    assert found == [False] * PER_ADDRESS + [True] * 2


def test_limit_of_one_address_is_not_another_s():
    for _time in range(PER_ADDRESS):
        is_address_over("maria@example.org")

    assert [is_address_over(email) for email in ("other@example.org", "maria@example.org")] == [False, True]


@time_machine.travel(NOON, tick=False)
def test_limit_ends_with_the_hour():
    for _time in range(PER_ADDRESS):
        is_address_over("maria@example.org")
    before = is_address_over("maria@example.org")

    with time_machine.travel(NOON + dt.timedelta(minutes=50), tick=False):
        after = is_address_over("maria@example.org")

    assert (before, after) == (True, False)


@pytest.mark.parametrize(
    ("age", "people", "times"),
    [(PATIENT, 1, PER_NETWORK), (HASTY, 1, PER_NETWORK), (dt.timedelta(), 1, PER_NETWORK // 10), (PATIENT, 20, 15)],
)
def test_network_may_register_so_many(age, people, times):
    request = came_from("8.8.8.8")

    found = [is_network_over(request, age=age, people=people) for _time in range(times + 1)]

    assert found == [False] * times + [True]


def test_network_that_cannot_be_told_has_no_limit():
    found = [is_network_over(came_from("10.1.2.3"), age=dt.timedelta()) for _time in range(PER_NETWORK)]

    assert set(found) == {False}


def test_network_is_counted_with_its_neighbours_of_one_office():
    for number in range(PER_NETWORK):
        is_network_over(came_from(f"2a01:cb00:1:23{number % 256:02x}::{number:x}"), age=PATIENT)

    found = [is_network_over(came_from(f"2a01:cb00:1:{net}::1"), age=PATIENT) for net in ("2300", "2400")]

    assert found == [True, False]


def test_count_that_has_just_run_out_begins_anew(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

    assert is_over("address", "x", 0) is False


def test_keys_name_nobody():
    is_address_over("maria@example.org")
    is_network_over(came_from("8.8.8.8"), age=PATIENT)

    keys = list(cache._cache)
    assert len(keys) == 2
    assert [key for key in keys if "maria" in key or "example" in key or "8.8.8" in key] == []
