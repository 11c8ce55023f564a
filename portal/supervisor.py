"""Keep a few processes running until told to stop. Knows nothing of Django; Linux and macOS."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

POLL_SECONDS = 0.1
GRACE_SECONDS = 15
STEADY_SECONDS = 60
LONGEST_PAUSE = 60


@dataclass
class Child:
    """A command, and the process that runs it in a group of its own, so that its children end with it."""

    name: str
    command: list[str]
    reload_signal: signal.Signals = signal.SIGTERM
    due_at: float = 0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    failures: int = 0

    def keep_running(self, now: float) -> None:
        """Start the process if it is due; if it has ended, say when it will be."""
        if self.process is None:
            if now >= self.due_at:
                self.process = subprocess.Popen(self.command, start_new_session=True)  # noqa: S603 our own commands
                self.started_at = now
        elif self.has_ended():
            code = self.process.returncode
            self.kill()  # what it left behind would hold its port
            self.failures = 0 if now - self.started_at > STEADY_SECONDS else self.failures + 1
            pause = min(2**self.failures / 2, LONGEST_PAUSE)
            self.due_at = now + pause
            print(f"{self.name} ended with {code}; again in {pause:g} s", file=sys.stderr, flush=True)  # noqa: T201 a log

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def send(self, number: signal.Signals) -> None:
        if self.process:
            self.process.send_signal(number)

    def kill(self) -> None:
        """End the process and everything it started, at once."""
        if self.process is None:
            return
        # Nothing may be left of the group; macOS says so in its own way.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


class Supervisor:
    """SIGINT and SIGTERM stop everything; SIGHUP starts everything again with the code that is there now."""

    def __init__(self, children: list[Child], grace: float = GRACE_SECONDS) -> None:
        self.children = children
        self.grace = grace
        self.is_stopping = False
        self.is_reloading = False

    def on_stop(self, number: int, frame: FrameType | None) -> None:
        self.is_stopping = True

    def on_reload(self, number: int, frame: FrameType | None) -> None:
        self.is_reloading = True

    def run(self) -> None:
        signal.signal(signal.SIGINT, self.on_stop)
        signal.signal(signal.SIGTERM, self.on_stop)
        # From a terminal it means that the window was closed.
        signal.signal(signal.SIGHUP, self.on_stop if os.isatty(0) else self.on_reload)
        try:
            while not self.is_stopping:
                self.step(time.monotonic())
                time.sleep(POLL_SECONDS)
        finally:
            self.stop()

    def step(self, now: float) -> None:
        if self.is_reloading:
            self.is_reloading = False
            for child in self.children:
                child.send(child.reload_signal)
        for child in self.children:
            child.keep_running(now)

    def stop(self) -> None:
        """Ask each process to finish, wait for all, then end what is left of their groups."""
        for child in self.children:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + self.grace
        while time.monotonic() < deadline and not all(child.has_ended() for child in self.children):
            time.sleep(POLL_SECONDS)
        for child in self.children:
            child.kill()
