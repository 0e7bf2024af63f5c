"""A service that answers datagrams, falls silent, and comes back; with a real sm."""

from pathlib import Path

import pytest

from insvc.adapters.sm_client import SmClient
from insvc.agent.sm_daemon import SmDaemon
from insvc.model.sm_table import ServiceRow
from tests.fakes.host_folder import PORT, HostFolder, until
from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration
BEATS = """import os, signal, socket
fresh = os.environ["INSVC_PIDFILE"] + ".new"
beats = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
beats.bind((os.environ["INSVC_ADDRESS"], %d))
with open(fresh, "w") as file:
    file.write(str(os.getpid()))
os.rename(fresh, os.environ["INSVC_PIDFILE"])
while True:
    question, sender = beats.recvfrom(512)
    name, magic, number = question.decode().split()
    if not os.path.exists(os.path.join(os.environ["INSVC_RUN"], "mute")):
        answer = f"{name} {int(magic, 16) ^ 0xFFFFFFFF:x} {number}"
        beats.sendto(answer.encode(), sender)
        open(os.path.join(os.environ["INSVC_RUN"], "answered"), "w").close()
"""


def row(client: SmClient) -> ServiceRow:
    (found,) = client.table().services
    return found


def test_silence_is_a_warning_then_a_degradation_then_a_failure(folder: HostFolder) -> None:
    (folder.root / "usr/bin/beats").write_text(BEATS % (PORT + 3))
    beat = {"port": PORT + 3, "interval_s": 0.2, "warn": 1, "degrade": 4, "fail": 12}
    folder.define("vim", "beats", manager="sm", heartbeat=beat)
    mute = Path(folder.path / "run" / "mute")
    made = SmDaemon(folder.path)
    thread = begin(made.run)
    client = SmClient(folder.path)
    try:
        until(lambda: client.table().services and row(client).state == "enabled-active")
        # What has never answered so far owes no answer.
        until((folder.path / "run" / "answered").exists)
        first = row(client).pid
        mute.touch()
        seen: list[str] = []

        def has_seen_all() -> bool:
            now = row(client)
            if now.status not in seen:
                seen.append(now.status)
            return now.pid not in {None, first}

        until(has_seen_all)
        assert [one for one in seen if one in {"warn", "degraded"}] == ["warn", "degraded"]
        mute.unlink()
        until(lambda: row(client).state == "enabled-active" and row(client).status == "none")
        assert client.services().services[0].restarts == 1
    finally:
        made.end()
        end(thread)
