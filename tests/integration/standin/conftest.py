"""Runs a stand-in's source as a program of its own, on a loopback address of its own."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from insvc.cloud.elf import shared_object
from insvc.standin.web import ask, ask_whole

LIMIT_S = 30.0
LIBRARY = "usr/lib/insvc/libthing.so"


class Running:
    """One stand-in that was started."""

    def __init__(self, process: "subprocess.Popen[bytes]", address: str, port: int, log: Path):
        self.process = process
        self.address = address
        self.port = port
        self.log = log

    def ask(self, target: str, method: str = "GET", body: bytes = b"") -> tuple[int, Any]:
        status, answer = ask(self.address, self.port, method, target, body=body, timeout_s=LIMIT_S)
        return status, json.loads(answer)

    def ask_with(self, target: str, method: str, **headers: str) -> tuple[int, dict[str, str]]:
        status, back, _ = ask_whole(self.address, self.port, method, target, headers, b"", LIMIT_S)
        return status, back

    def status(self, target: str) -> int:
        """Its status, 0 while it cannot be reached."""
        try:
            return self.ask(target)[0]
        except OSError:
            return 0

    def wait(self, condition: Callable[[], bool]) -> "Running":
        until = time.monotonic() + LIMIT_S
        while not condition():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.01)
        return self

    def ready(self) -> "Running":
        return self.wait(lambda: self.status("/healthz") == 200)

    def listening(self) -> "Running":
        return self.wait(lambda: self.status("/version") == 200)

    def tell_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        self.tell_to_stop()
        return self.process.wait(LIMIT_S)


class Site:
    """A host's root and address, and the stand-ins that run there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.address = ".".join(["127", *(str(random.randint(16, 250)) for _ in range(3))])
        self.running: list[Running] = []
        self.write(LIBRARY, shared_object("libthing.so", {"code_version": 2_003_004}))

    def write(self, path: str, content: bytes | str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content if isinstance(content, bytes) else content.encode())

    def monitors(self, *ports: int) -> None:
        """Write the monitor map."""
        rows = [{"host": "h", "address": self.address, "port": port} for port in ports]
        self.write("etc/ceph/monmap.json", json.dumps(rows))

    def environment(self, name: str, port: int) -> dict[str, str]:
        return {
            **os.environ,
            "INSVC_HOST": "controller-0",
            "INSVC_ADDRESS": self.address,
            "INSVC_OAM_ADDRESS": self.address,
            "INSVC_ROOT": str(self.root),
            "INSVC_PORT": str(port),
            "INSVC_PIDFILE": str(self.root / "run" / f"{name}.pid"),
        }

    def start(self, module: str, *, port: int = 8000, **settings: object) -> Running:
        name = f"{module}-{port}"
        arguments = "".join(f", {key}={value!r}" for key, value in settings.items())
        code = f"from insvc.standin.{module} import main\n"
        code += f"main({name!r}, 'thing', {LIBRARY!r}{arguments})"
        return self.start_code(code, name, port)

    def start_code(self, code: str, name: str, port: int, *arguments: str) -> Running:
        log = self.root / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", code, *arguments],
                env=self.environment(name, port),
                cwd=Path(__file__).parents[3],
                stdout=output,
                stderr=output,
            )
        found = Running(process, self.address, port, log)
        self.running.append(found)
        return found

    def close(self) -> None:
        for one in self.running:
            one.tell_to_stop()
            try:
                one.process.wait(LIMIT_S)
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.close()
