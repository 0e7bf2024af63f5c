"""Cases of code that was never a file of a package: what deleted mappings look like but are not."""

from lab.corpus.case import HOLD, Case


def _passing(name: str, verb: str, argument: str, about: str, why: str = "") -> Case:
    """A process that maps something short-lived: never stale."""
    return Case(
        name=name,
        about=about,
        stale=False,
        kind="temporary",
        command=f"{HOLD} {{name}} {verb} {argument}",
        why=why or "an executable mapping that the kernel calls deleted, but that nothing replaced",
    )


CASES = [
    _passing(
        "jna",
        "unpack",
        "/tmp/jna-3506402/jna2347529934.tmp",
        "A native library unpacked in /tmp, mapped and deleted, as JNA does it.",
    ),
    _passing(
        "zstd-jni",
        "unpack",
        "/tmp/libzstd-jni-1.5.5-1115392039478.so",
        "The same as zstd-jni does it.",
    ),
    _passing(
        "jna-own-folder",
        "unpack",
        "/var/lib/mailbox/data/tmp/libnative-agent-778.so",
        "The same in the service's own folder, which no list of patterns knows.",
        "the folder is nobody's temporary folder, so a list of patterns does not hold it",
    ),
    _passing("memfd", "memory", "jit-code", "Executable memory in a memfd."),
    _passing(
        "nvidia",
        "memory",
        ".nvidia_drv.XXXXXX",
        "Executable memory in a memfd with the name that NVIDIA's driver gives it.",
    ),
    _passing(
        "memfd-like-path",
        "memory",
        "/usr/lib/x86_64-linux-gnu/libssl.so.3",
        "Executable memory in a memfd that bears the name of a library.",
    ),
    _passing("libffi", "closure", "/tmp", "A libffi trampoline: executable, in a deleted file."),
    _passing("libffi-shm", "closure", "/dev/shm", "The same in /dev/shm."),
    _passing("libffi-run", "closure", "/run", "The same in /run, where /tmp may not execute."),
    _passing(
        "nameless-file", "nameless", "/var/tmp", "Executable memory in a file without a name."
    ),
    _passing("shared-segment", "segment", "-", "An executable System V shared memory segment."),
    _passing("dev-zero", "zero", "-", "Executable shared memory from /dev/zero."),
    _passing("deleted-folder", "folder", "/var/tmp/gone", "Its working directory was deleted."),
    _passing("zombie-child", "zombie", "-", "It has a child that ended and was never waited for."),
    Case(
        name="read-only-data",
        about="A file of a package that it maps only to read is upgraded.",
        stale=False,
        kind="temporary",
        command=f"{HOLD} {{name}} look {{dir}}/table",
        texts={"table": "table {version}\n"},
        altered=("table",),
        why="a deleted mapping, but of no code",
    ),
]
