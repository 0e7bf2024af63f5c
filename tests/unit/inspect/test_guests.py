"""Which guest an emulator runs."""

import pytest

from insvc.inspect.guests import guest_of, is_emulator

QEMU = "/usr/bin/qemu-system-x86_64"


@pytest.mark.parametrize(
    "path", [QEMU, "/usr/libexec/qemu-kvm", "/usr/bin/kvm", "/opt/x/qemu-system-aarch64"]
)
def test_emulators_are_known_by_their_names(path: str) -> None:
    assert is_emulator(path)


@pytest.mark.parametrize("path", ["/usr/bin/qemu-ga", "/usr/bin/qemu-img", "/usr/sbin/kvmd", ""])
def test_what_only_sounds_like_one_is_none(path: str) -> None:
    assert not is_emulator(path)
    assert guest_of(path, b"x\0-name\0web\0") == ""


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("-name", "guest=web,debug-threads=on", "-S"), "web"),
        (("-name", "debug-threads=on,guest=web"), "web"),
        (("-m", "512", "--name", "web,process=x"), "web"),
        (("-name", "web"), "web"),
        (("-name", "guest=a,,b"), "a_b"),
        (("-name", "guest=a b/\u001b[31m"), "a_b___31m"),
        (("-name", "debug-threads=on"), ""),
        (("-name",), ""),
        (("-m", "512"), ""),
        (("-name", "x" * 100), "x" * 64),
    ],
)
def test_the_name_is_what_the_emulator_was_told(words: tuple[str, ...], name: str) -> None:
    assert guest_of(QEMU, "\0".join(("qemu", *words, "")).encode()) == name
