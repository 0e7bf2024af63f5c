"""Whatever a file is called, its line in maps leads back to it."""

from hypothesis import example, given
from hypothesis import strategies as st

from insvc.inspect.maps import FileIdentity, executable_mappings, replaced_mapping

NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=30
).map(lambda name: f"/usr/lib/{name}")
IDENTITY = FileIdentity("fe:00", 7)


def as_the_kernel_writes_it(path: str, *, is_deleted: bool) -> bytes:
    """The line of one executable mapping."""
    shown = path.replace("\n", "\\012") + (" (deleted)" if is_deleted else "")
    return f"7f00-7f10 r-xp 00001000 fe:00 7 {' ' * 20}{shown}\n".encode()


@given(path=NAMES)
@example(path="/usr/lib/a (deleted)")
@example(path="/usr/lib/a\\012b")
@example(path="/usr/lib/a\nb")
@example(path="/usr/lib/ (deleted)")
def test_a_file_that_is_still_there_is_never_taken_for_replaced(path: str) -> None:
    (mapped,) = executable_mappings(as_the_kernel_writes_it(path, is_deleted=False))
    assert replaced_mapping(mapped, lambda name: [IDENTITY] if name == path else []) is None


@given(path=NAMES, new_inode=st.one_of(st.none(), st.integers(8, 99)))
@example(path="/usr/lib/a (deleted)", new_inode=8)
def test_a_file_that_was_replaced_is_always_found(path: str, new_inode: int | None) -> None:
    (mapped,) = executable_mappings(as_the_kernel_writes_it(path, is_deleted=True))
    now = [] if new_inode is None else [FileIdentity("fe:00", new_inode)]
    found = replaced_mapping(mapped, lambda name: now if name == path else [])
    assert found is not None
    assert found.on_disk == (None if new_inode is None else f"fe:00:{new_inode}")
