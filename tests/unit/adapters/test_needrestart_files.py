"""`insvc.adapters.needrestart_files`: the file and its snippets, whatever is in them."""

from pathlib import Path

import pytest

from insvc.adapters.needrestart_files import import_needrestart, is_needrestart
from insvc.errors import InputError

CONF = "# of the host\n$nrconf{override_rc} = {\n  qr(^dbus) => 0,\n};\n"


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    path = tmp_path / "needrestart.conf"
    path.write_text(CONF)
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "20-b.conf").write_text("$nrconf{override_rc}{qr(^dbus)} = 1;\n")
    (tmp_path / "conf.d" / "10-a.conf").write_text("$nrconf{override_rc}{qr(^web)} = 0;\n")
    (tmp_path / "conf.d" / "README").write_text("nothing\n")
    return path


def test_snippets_are_read_by_name_after_the_file(conf: Path) -> None:
    entries = import_needrestart(conf).layer.entries
    assert [(one.name, str(one.restart_class)) for one in entries] == [
        ("web*", "deferred"),
        ("dbus*", "auto"),
    ]
    assert entries[1].provenance is not None
    assert entries[1].provenance["restart_class"].endswith("conf.d/20-b.conf:1")


def test_a_snippet_may_be_read_alone(conf: Path) -> None:
    alone = import_needrestart(conf.parent / "conf.d" / "10-a.conf")
    assert [one.name for one in alone.layer.entries] == ["web*"]


def test_a_configuration_is_known_by_what_is_in_it(conf: Path, tmp_path: Path) -> None:
    assert is_needrestart(conf)
    other = tmp_path / "other"
    for text in ("<table>", "# $nrconf{restart} = 'l';\n", "$nrconf = 1", ""):
        other.write_text(text)
        assert not is_needrestart(other)
    assert not is_needrestart(tmp_path / "gone")


def test_bytes_that_are_no_text_are_read_all_the_same(conf: Path) -> None:
    conf.write_bytes(b"# \xff\xfe\n$nrconf{override_rc}{qr(^\xe9)} = 0;\n")
    told = import_needrestart(conf).told
    assert "where a name has none" in told[0].why


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        import_needrestart(tmp_path / "needrestart.conf")
    large = tmp_path / "large.conf"
    large.write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(InputError, match="has more than 1048576 bytes"):
        import_needrestart(large)
