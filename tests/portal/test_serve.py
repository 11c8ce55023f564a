"""The four real processes under `manage.py serve`."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from tests.server import started_server, wait_for

pytestmark = pytest.mark.slow


def processes(parent: int) -> dict[str, int]:
    """Name the children of a process by the last word that tells them apart."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return {
        word: int(pid)
        for pid, ppid, command in rows
        for word in ("granian", "queue-name mail", "queue-name handbook", "tick")
        if int(ppid) == parent and word in command
    }


def eventually(value: Callable[[], object], seconds: float = 30) -> object:
    deadline = time.monotonic() + seconds
    while not (found := value()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def test_serve_refuses_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=f"Cannot listen on 127.0.0.1:{port}: Address already in use"):
            call_command("serve", port=port)


def test_killed_web_server_comes_back_and_stop_ends_all_four(tmp_path):
    with started_server(tmp_path) as server:
        eventually(lambda: len(processes(server.process.pid)) == 4, seconds=90)
        first = processes(server.process.pid)["granian"]

        os.kill(first, signal.SIGKILL)

        eventually(lambda: processes(server.process.pid).get("granian", first) != first)
        wait_for(f"{server.url}/healthz", server.process)
        running = processes(server.process.pid).values()

    assert server.process.returncode == 0
    assert [
        pid
        for pid in running
        if subprocess.run(["ps", "-p", str(pid)], capture_output=True, check=False).returncode == 0
    ] == []
