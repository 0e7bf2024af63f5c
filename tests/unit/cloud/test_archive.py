from pathlib import Path

import pytest

from insvc.cloud.archive import archived, archived_versions, build, code_number, next_version
from insvc.errors import InputError
from insvc.standin.program import version_of


@pytest.mark.parametrize("version", ["1.0-1", "0.0-0", "12.345-678"])
def test_a_stand_in_reads_the_version_back_from_its_code(version: str) -> None:
    assert version_of(code_number(version)) == version


@pytest.mark.parametrize("version", ["1.0", "one", "1.0-1.1", ""])
def test_another_form_of_version_is_refused(version: str) -> None:
    with pytest.raises(InputError, match="MAJOR"):
        code_number(version)


def test_the_next_version_follows_the_highest() -> None:
    assert next_version("1.0-1", "1.0-12", "1.0-9") == "1.0-13"


def test_a_package_is_built_once_and_kept(tmp_path: Path) -> None:
    path = archived(tmp_path, "vim", "1.0-1")
    stamp = path.stat().st_mtime_ns
    assert archived(tmp_path, "vim", "1.0-1") == path
    assert path.stat().st_mtime_ns == stamp
    archived(tmp_path, "vim", "1.0-2")
    archived(tmp_path, "vim-api", "1.0-7")
    assert archived_versions(tmp_path, "vim") == ("1.0-1", "1.0-2")


def test_versions_of_a_package_differ_in_code_and_text() -> None:
    assert build("vim", "1.0-1") != build("vim", "1.0-2")
    assert build("vim", "1.0-1") == build("vim", "1.0-1")


def test_a_faulty_build_spoils_one_service_only() -> None:
    faulty = build("cinder", "1.0-2", faulty="cinder-api")
    assert faulty.count(b"this build is faulty") == 1
    assert b"this build is faulty" not in build("cinder", "1.0-2")


def test_a_package_says_that_it_is_a_stand_in() -> None:
    assert b"Description: stand-in for vim" in build("vim", "1.0-1")


def test_the_proxies_program_comes_with_the_agent_that_starts_it() -> None:
    assert b"./usr/bin/neutron-ns-metadata-haproxy" in build("neutron-dhcp-agent", "1.0-1")
