"""The CPU time that a server's processes have used; only Linux tells."""

import os
import time
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
IDLE_SECONDS = 0.3
# Of /proc/<pid>/stat after the name: parent, process group, and time as user and in the kernel.
PARENT, GROUP, USER, KERNEL = 1, 2, 11, 12


def stats() -> dict[int, list[str]]:
    found = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            found[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended in the meantime
    return found


def group_of(parent: int, word: str) -> int | None:
    """Find the process group of the child whose command has this word; each child of the supervisor leads its own."""
    for pid, stat in stats().items():
        if int(stat[PARENT]) == parent and word.encode() in (PROC / str(pid) / "cmdline").read_bytes():
            return int(stat[GROUP])
    return None


def seconds_of(group: int | None) -> float:
    """Say how long the processes of a group have computed; not a number where nobody tells."""
    if group is None:
        return float("nan")
    own = (stat for stat in stats().values() if int(stat[GROUP]) == group)
    return sum(int(stat[USER]) + int(stat[KERNEL]) for stat in own) / TICKS


def seconds_once_idle(group: int | None) -> float:
    """Wait until the processes of a group have finished what they were asked; say how long they have computed."""
    before, now = -1.0, seconds_of(group)
    while now > before:
        time.sleep(IDLE_SECONDS)
        before, now = now, seconds_of(group)
    return now


def children(parent: int | None, word: str) -> list[int]:
    """The children of a process whose command has this word."""
    found = []
    for pid, stat in sorted(stats().items()):
        with suppress(OSError):
            if int(stat[PARENT]) == parent and word.encode() in (PROC / str(pid) / "cmdline").read_bytes():
                found.append(pid)
    return found


def child(parent: int, word: str) -> int | None:
    return next(iter(children(parent, word)), None)
