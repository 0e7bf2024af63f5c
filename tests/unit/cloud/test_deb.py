import io
import tarfile

from insvc.cloud.deb import DebFile, deb

FIELDS = {"Package": "thing", "Version": "1.0-1", "Description": "a thing\n and more"}
FILES = {
    "usr/bin/thing": DebFile(content=b"#!/bin/sh\n", mode=0o755),
    "etc/thing": DebFile(content=b"odd"),
}


def members(package: bytes) -> dict[str, bytes]:
    assert package[:8] == b"!<arch>\n"
    found, at = {}, 8
    while at < len(package):
        head = package[at : at + 60]
        assert head[-2:] == b"`\n"
        size = int(head[48:58])
        found[head[:16].decode().strip()] = package[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    return found


def test_it_is_an_archive_of_three_members_in_order() -> None:
    found = members(deb(FIELDS, FILES))
    assert list(found) == ["debian-binary", "control.tar", "data.tar"]
    assert found["debian-binary"] == b"2.0\n"


def test_it_holds_every_file_below_its_folders_as_root() -> None:
    with tarfile.open(fileobj=io.BytesIO(members(deb(FIELDS, FILES))["data.tar"])) as data:
        names = [one.name for one in data.getmembers()]
        assert names == [".", "./etc", "./usr", "./usr/bin", "./etc/thing", "./usr/bin/thing"]
        program = data.getmember("./usr/bin/thing")
        assert (program.mode, program.uid, program.uname) == (0o755, 0, "root")
        content = data.extractfile(program)
        assert content is not None
        assert content.read() == b"#!/bin/sh\n"


def test_its_control_holds_the_fields_and_sums() -> None:
    with tarfile.open(fileobj=io.BytesIO(members(deb(FIELDS, FILES))["control.tar"])) as control:
        fields = control.extractfile("./control")
        sums = control.extractfile("./md5sums")
        assert fields is not None
        assert sums is not None
        assert fields.read().decode().startswith("Package: thing\nVersion: 1.0-1\n")
        assert len(sums.read().splitlines()) == 2


def test_the_same_contents_give_the_same_bytes() -> None:
    assert deb(FIELDS, FILES) == deb(FIELDS, dict(reversed(FILES.items())))
