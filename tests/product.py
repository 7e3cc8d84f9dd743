"""The product as a person starts it: a process, a data folder of its own, and nothing of this test run's settings."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chuzhi.config import embedded

PATIENCE_SECONDS = 180


@dataclass
class Product:
    """One data folder, and the commands run on it."""

    data: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        ours = {"CHUZHI_DATA", "DATABASE_URL", "CHUZHI_DATABASE_ROLE"}
        return {name: value for name, value in os.environ.items() if name not in ours} | {"CHUZHI_DATA": str(self.data)} | more

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "chuzhi.config.cli", *command],
            env=self.environment(**environment),
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def run(self, *command: str, **environment: str) -> tuple[int, str]:
        """The exit code, and what it said to the person."""
        process = self.start(*command, **environment)
        said, complaint = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, complaint + said

    def stop(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.terminate()
            with process:  # closes its pipes
                process.wait(PATIENCE_SECONDS)

    def processes(self) -> list[str]:
        """Every process that works on this data folder, by its command line."""
        return [line for line in map(_command_line, _pids()) if str(self.data) in line]

    @property
    def server(self) -> embedded.Server:
        return embedded.Server(self.data)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], object], what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
    patience = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < patience, f"waited in vain until {what}"
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def children_of(parent: int) -> list[int]:
    found = []
    for pid in _pids():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(pid)
    return found


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _command_line(pid: int) -> str:
    """Also what the environment says of the data folder, for processes that do not name it."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes() + b" " + Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return ""
    return line.replace(b"\0", b" ").decode(errors="replace") if pid != os.getpid() else ""


def kill(pid: int) -> None:
    assert pid, "nobody to kill"
    os.kill(pid, signal.SIGKILL)
