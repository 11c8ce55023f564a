"""Real processes: what is killed comes back, what is stopped is gone with everything it started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# A child that starts a grandchild; both write their process ids. {ears} may make it deaf to SIGTERM.
CHILD = """
import os, pathlib, signal, subprocess, sys
{ears}
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1], str(os.getpid())).write_text(str(grandchild.pid))
grandchild.wait()
"""
SUPERVISOR = """
import sys
from portal.supervisor import Child, Supervisor
Supervisor([Child("one", [sys.executable, "-c", sys.argv[1], sys.argv[2]])], grace=1).run()
"""
SEVERAL_STARTS = 3


def eventually(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


class Started:
    """A supervisor with one child, and the process ids that this child and its successors wrote."""

    def __init__(self, folder: Path, ears: str) -> None:
        self.folder = folder
        command = [sys.executable, "-c", SUPERVISOR, CHILD.format(ears=ears), str(folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def children(self) -> list[int]:
        written = sorted(self.folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        return [int(path.name) for path in written if path.read_text()]

    def everybody(self) -> list[int]:
        return [*self.children(), *(int((self.folder / str(pid)).read_text()) for pid in self.children())]

    def wait_for_start(self, number: int) -> int:
        eventually(lambda: len(self.children()) == number)
        return self.children()[-1]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    started = []

    def start(ears: str = "") -> Started:
        started.append(Started(tmp_path, ears))
        return started[-1]

    yield start
    for supervisor in started:
        supervisor.process.kill()
        for pid in filter(is_running, supervisor.everybody()):
            os.kill(pid, signal.SIGKILL)
        supervisor.process.communicate()


def test_killed_child_comes_back_and_leaves_nothing_behind(start):
    supervisor = start()
    first = supervisor.wait_for_start(1)
    grandchild = supervisor.everybody()[-1]

    os.kill(first, signal.SIGKILL)

    second = supervisor.wait_for_start(2)
    assert second != first
    assert is_running(second)
    eventually(lambda: not is_running(grandchild))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_ends_children_and_grandchildren(start, number):
    supervisor = start()
    supervisor.wait_for_start(1)

    supervisor.process.send_signal(number)

    assert supervisor.process.wait(timeout=10) == 0
    eventually(lambda: not any(map(is_running, supervisor.everybody())))


def test_stop_ends_a_child_that_does_not_listen(start):
    supervisor = start("signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    supervisor.wait_for_start(1)

    supervisor.process.send_signal(signal.SIGTERM)

    assert supervisor.process.wait(timeout=10) == 0
    eventually(lambda: not any(map(is_running, supervisor.everybody())))


def test_hang_up_starts_the_child_again(start):
    supervisor = start()
    first = supervisor.wait_for_start(1)

    supervisor.process.send_signal(signal.SIGHUP)

    assert supervisor.wait_for_start(2) != first
    assert supervisor.process.poll() is None


def test_child_that_keeps_ending_is_started_later_each_time(start):
    supervisor = start("pathlib.Path(sys.argv[1], str(os.getpid())).write_text('1'); sys.exit(3)")
    supervisor.wait_for_start(SEVERAL_STARTS)

    supervisor.process.send_signal(signal.SIGTERM)

    log = supervisor.process.communicate(timeout=10)[1].splitlines()
    assert log[:2] == ["one ended with 3; again in 1 s", "one ended with 3; again in 2 s"]
