"""Small storms over real HTTP with two web workers, a real mail server and real kills; `make bench` has large ones."""

import pytest

from tests.bench.data import LANGUAGE
from tests.bench.inbox import Inbox
from tests.bench.storm import STORMS, storm
from tests.factories import make_tree
from tests.server import server_on_own_database

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


THREADS = 12  # of each worker: other tests want connections of the same PostgreSQL


@pytest.mark.parametrize("name", STORMS)
def test_storm(name, tmp_path):
    make_tree(LANGUAGE)
    inbox = Inbox()

    with server_on_own_database(tmp_path, threads=THREADS, EMAIL_URL=f"smtp://127.0.0.1:{inbox.port}") as server:
        found = storm(name, server, inbox, clients=40, seats=8)

    inbox.go_away()
    assert found.wrong == []
