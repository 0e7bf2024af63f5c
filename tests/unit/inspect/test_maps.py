"""Maps texts, and the labelled corpus of what is and is not replaced code."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from insvc.inspect.evidence import ProcessFacts, process_findings
from insvc.inspect.maps import (
    FileIdentity,
    MappedFile,
    executable_lines,
    executable_mappings,
    is_temporary,
    mapped_file,
    path_below,
    ranges_of,
    replaced_mapping,
    tail_of,
)


def line(path: str, *, rights: str = "r-xp", device: str = "fe:00", inode: int = 7) -> str:
    """One line as the kernel writes it."""
    return f"7f00deadb000-7f00deadc000 {rights} 00001000 {device} {inode:<26} {path}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One labelled case.

    Attributes:
        maps: lines of the maps text.
        files: (device, inode) by path as this process sees them.
        own_files: the same in the process's own root, where that is another.
        root: the folder of the host's files.
        stale: the paths that are evidence of replaced code; none for a false-positive class.
    """

    maps: tuple[str, ...]
    files: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    own_files: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    root: str = "/"
    stale: tuple[str, ...] = ()


CORPUS = {
    "library replaced by rename": Case(
        maps=(line("/usr/lib/libz.so.1.2 (deleted)"),),
        files={"/usr/lib/libz.so.1.2": ("fe:00", 8)},
        stale=("/usr/lib/libz.so.1.2",),
    ),
    "library replaced, the suffix lost in another mount namespace": Case(
        maps=(line("/usr/lib/libz.so"),),
        files={"/usr/lib/libz.so": ("fe:00", 8)},
        stale=("/usr/lib/libz.so",),
    ),
    "library dropped by the new version": Case(
        maps=(line("/usr/lib/libold.so (deleted)"),), stale=("/usr/lib/libold.so",)
    ),
    "the program itself replaced": Case(
        maps=(line("/usr/sbin/daemon (deleted)"),),
        files={"/usr/sbin/daemon": ("fe:00", 9)},
        stale=("/usr/sbin/daemon",),
    ),
    "path with spaces": Case(
        maps=(line("/opt/my app/lib a.so (deleted)"),),
        files={"/opt/my app/lib a.so": ("fe:00", 8)},
        stale=("/opt/my app/lib a.so",),
    ),
    "path with a newline": Case(
        maps=(line("/opt/new\\012line.so (deleted)"),), stale=("/opt/new\nline.so",)
    ),
    "same content installed again": Case(
        # A new file is a new file: the old content cannot be read any more to compare it.
        maps=(line("/usr/lib/libsame.so (deleted)"),),
        files={"/usr/lib/libsame.so": ("fe:00", 8)},
        stale=("/usr/lib/libsame.so",),
    ),
    "writable and executable text": Case(
        maps=(line("/usr/lib/libtextrel.so (deleted)", rights="rwxp"),),
        stale=("/usr/lib/libtextrel.so",),
    ),
    "shared executable mapping": Case(
        maps=(line("/usr/lib/libshared.so (deleted)", rights="r-xs"),),
        stale=("/usr/lib/libshared.so",),
    ),
    "same inode number on another disk": Case(
        maps=(line("/usr/lib/libz.so", device="fe:00", inode=7),),
        files={"/usr/lib/libz.so": ("fe:01", 7)},
        stale=("/usr/lib/libz.so",),
    ),
    "replaced inside a container": Case(
        maps=(line("/usr/lib/libz.so (deleted)"),),
        files={"/usr/lib/libz.so": ("fe:00", 1)},
        own_files={"/usr/lib/libz.so": ("fe:00", 8)},
        stale=("/usr/lib/libz.so",),
    ),
    "replaced on overlay": Case(
        maps=(line("/usr/lib/libz.so (deleted)", device="00:2f"),),
        files={"/usr/lib/libz.so": ("00:31", 8)},
        stale=("/usr/lib/libz.so",),
    ),
    "replaced below the root of an embedded host in /tmp": Case(
        maps=(line("/tmp/cloud/hosts/c0/root/usr/lib/libz.so (deleted)"),),
        root="/tmp/cloud/hosts/c0/root",
        stale=("/usr/lib/libz.so",),
    ),
    "unchanged library": Case(
        maps=(line("/usr/lib/libz.so"),), files={"/usr/lib/libz.so": ("fe:00", 7)}
    ),
    "a file whose name ends in (deleted)": Case(
        maps=(line("/opt/libodd.so (deleted)"),),
        files={"/opt/libodd.so (deleted)": ("fe:00", 7)},
    ),
    "a file whose name holds a backslash and 012": Case(
        maps=(line("/opt/lib\\012.so"),), files={"/opt/lib\\012.so": ("fe:00", 7)}
    ),
    "the same file linked back to its path": Case(
        maps=(line("/usr/lib/libz.so (deleted)"),), files={"/usr/lib/libz.so": ("fe:00", 7)}
    ),
    "chroot: the path holds the chroot's own prefix": Case(
        maps=(line("/srv/jail/lib/libc.so"),), files={"/srv/jail/lib/libc.so": ("fe:00", 7)}
    ),
    "container: the path is its own": Case(
        maps=(line("/usr/lib/libc.so"),),
        files={"/usr/lib/libc.so": ("fe:00", 1)},
        own_files={"/usr/lib/libc.so": ("fe:00", 7)},
    ),
    "bind mount over the path for others": Case(
        maps=(line("/etc/app/plugin.so", device="fe:02"),),
        files={"/etc/app/plugin.so": ("fe:00", 3)},
        own_files={"/etc/app/plugin.so": ("fe:02", 7)},
    ),
    "overlay shows two device numbers": Case(
        maps=(line("/usr/lib/libc.so", device="fe:00"),),
        files={"/usr/lib/libc.so": ("00:31", 7)},
    ),
    "btrfs shows two device numbers": Case(
        maps=(line("/usr/lib/libc.so", device="00:1f"),),
        files={"/usr/lib/libc.so": ("00:21", 7)},
    ),
    "memfd": Case(maps=(line("/memfd:jit (deleted)", device="00:01"),)),
    "System V shared memory": Case(maps=(line("/SYSV00001234 (deleted)", device="00:01"),)),
    "anonymous shared memory": Case(maps=(line("/dev/zero (deleted)", device="00:01"),)),
    "huge pages": Case(maps=(line("/anon_hugepage (deleted)", device="00:0f"),)),
    "asynchronous i/o ring": Case(maps=(line("/[aio] (deleted)", device="00:0d"),)),
    "NVIDIA's devices": Case(maps=(line("/dev/nvidiactl (deleted)", device="00:06"),)),
    "graphics memory": Case(maps=(line("/drm mm object (deleted)", device="00:01"),)),
    "libffi trampoline in /tmp": Case(maps=(line("/tmp/ffiA1b2C3 (deleted)"),)),
    "libffi trampoline in /dev/shm": Case(maps=(line("/dev/shm/ffiA1b2C3 (deleted)"),)),
    "JNA's temporary library": Case(maps=(line("/tmp/jna-104/jna81.tmp (deleted)"),)),
    "zstd-jni's temporary library": Case(maps=(line("/var/tmp/libzstd-jni-1.5.so (deleted)"),)),
    "prelink's copy": Case(maps=(line("/usr/lib/libz.so.#prelink#.Ab12Cd (deleted)"),)),
    "temporary library on an embedded host": Case(
        maps=(line("/srv/cloud/root/tmp/jna-1/jna2.tmp (deleted)"),), root="/srv/cloud/root"
    ),
    "a file outside the host's root": Case(
        maps=(line("/usr/lib/libc.so (deleted)"),), root="/srv/cloud/root"
    ),
    "readable pages of a replaced file": Case(
        maps=(line("/usr/share/locale.mo (deleted)", rights="r--p"),)
    ),
    "writable pages of a replaced file": Case(
        maps=(line("/var/lib/db/pages (deleted)", rights="rw-s"),)
    ),
    "anonymous executable memory": Case(
        maps=(
            "7f00deadb000-7f00deadc000 rwxp 00000000 00:00 0 ",
            "7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                          [vdso]",
            "7f00deadb000-7f00deadc000 r-xp 00000000 00:00 0           [anon:jit cache]",
            "7f00deadb000-7f00deadc000 r-xp 00000000 00:0e 1       anon_inode:[io_uring]",
        )
    ),
    "an empty maps text of a kernel thread": Case(maps=()),
}


@pytest.mark.parametrize("case", CORPUS.values(), ids=CORPUS.keys())
def test_exactly_the_replaced_code_of_the_corpus_is_found(case: Case) -> None:
    def find(path: str) -> list[FileIdentity]:
        seen = [files[path] for files in (case.own_files, case.files) if path in files]
        return [FileIdentity(device, inode) for device, inode in seen]

    maps = ("\n".join(case.maps) + "\n").encode()
    found = [replaced_mapping(mapped, find) for mapped in executable_mappings(maps)]
    facts = ProcessFacts(pid=1, replaced=tuple(one for one in found if one is not None))
    evidence = [finding.evidence.subject for finding in process_findings(facts, case.root)]
    assert evidence == list(case.stale)


def test_a_file_mapped_many_times_is_looked_at_once() -> None:
    text = "\n".join([line("/usr/lib/libz.so")] * 3 + [line("/usr/lib/liby.so", inode=9)])
    assert executable_mappings(text.encode()) == (
        MappedFile("/usr/lib/libz.so", FileIdentity("fe:00", 7)),
        MappedFile("/usr/lib/liby.so", FileIdentity("fe:00", 9)),
    )


def test_bytes_that_are_no_utf8_survive_as_the_file_system_needs_them() -> None:
    text = line("/opt/lib").encode() + b"\xff.so\n"
    assert executable_mappings(text)[0].path == b"/opt/lib\xff.so".decode(
        "utf-8", "surrogateescape"
    )


def test_a_replaced_mapping_names_both_files() -> None:
    mapped = MappedFile("/usr/lib/libz.so (deleted)", FileIdentity("fe:00", 7))
    found = replaced_mapping(mapped, lambda path: [FileIdentity("fe:00", len(path))])
    assert found is not None
    assert (found.path, found.mapped) == ("/usr/lib/libz.so", "fe:00:7")
    assert found.on_disk == f"fe:00:{len('/usr/lib/libz.so (deleted)')}"


def test_a_path_is_told_from_the_host_s_root() -> None:
    assert path_below("/srv/root", "/srv/root/usr/bin/x") == "/usr/bin/x"
    assert path_below("/srv/root/", "/srv/root/usr/bin/x") == "/usr/bin/x"
    assert path_below("/", "/usr/bin/x") == "/usr/bin/x"
    assert path_below("/srv/root", "/srv/rootless/usr/bin/x") is None


@pytest.mark.parametrize("path", ["/tmp/a.so", "/run/user/1000/x", "/usr/lib/a.#prelink#.12"])
def test_no_package_delivers_what_is_temporary(path: str) -> None:
    assert is_temporary(path)
    assert not is_temporary("/usr/lib/insvc/tmp/a.so")


def test_the_ranges_of_a_file_are_named_as_the_kernel_names_them() -> None:
    maps = (
        b"00400000-0040b000 r--p 00000000 08:01 7    /bin/a\n"
        b"0040b000-00410000 r-xp 00000000 08:01 7    /bin/a\n"
        b"7f0000000000-7f0000001000 r-xp 00000000 08:01 7    /bin/ab\n"
    )
    tail = executable_lines(maps)[0]
    assert mapped_file(tail).path == "/bin/a"
    assert ranges_of(maps, tail) == ("400000-40b000", "40b000-410000")


def test_a_line_that_is_cut_off_at_its_start_names_no_range() -> None:
    tail = b"08:01 7 /usr/bin/x"
    assert ranges_of(b"-00401000 r-xp 0 " + tail, tail) == ()


def test_a_tail_is_found_in_lines_that_are_padded_and_in_no_other() -> None:
    tail = tail_of(8, 1, 7, b"/bin/a\nb")
    assert tail == b"08:01 7 /bin/a\\012b"
    lines = (
        b"7f0000001000-7f0000002000 r-xp 00000000 08:01 7                 /bin/a\\012b\n"
        b"7f0000002000-7f0000003000 r-xp 00000000 08:01 8                 /bin/a\\012b\n"
        b"7f0000003000-7f0000004000 r-xp 00000000 08:01 7             /x/bin/a\\012b\n"
    )
    assert ranges_of(lines, tail) == ("7f0000001000-7f0000002000",)


def test_a_path_that_looks_like_a_line_is_no_line() -> None:
    odd = b"/x 7f0000000000-7f0000001000 r-xp 00000000 08:01 7    /bin/a"
    assert executable_lines(b"00400000-0040b000 rw-p 00000000 08:01 7    " + odd) == []
