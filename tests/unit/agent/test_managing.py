"""What an act needs of its host."""

from pathlib import Path

from insvc.agent.host_managers import HostManagers
from insvc.agent.managing import Managing, Status


def test_real_managers_and_their_status_fit_the_face(tmp_path: Path) -> None:
    face: Managing = HostManagers(str(tmp_path), ())
    assert face.status() == Status((), ())
