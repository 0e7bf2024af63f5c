"""Whatever a peer sends is read, or refused in words."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from insvc.adapters.dbus import CALL, Message, Reader, decode, length_of, types
from insvc.adapters.dbus_writer import Writer, encode
from insvc.errors import WorldError
from insvc.inspect.systemd_unit import UNIT_PROPERTIES, unit_facts

SIGNATURES = st.text("ybnqiuxtdsogva(){}", max_size=20)
VALUES = {
    "s": st.text("aé€𝄞", max_size=20),
    "u": st.integers(0, 2**32 - 1),
    "t": st.integers(0, 2**64 - 1),
    "x": st.integers(-(2**63), 2**63 - 1),
    "b": st.booleans(),
    "as": st.lists(st.text("aé€𝄞", max_size=5), max_size=5),
    "a{su}": st.dictionaries(st.sampled_from("abc"), st.integers(0, 9), max_size=3),
    "(yd)": st.tuples(st.integers(0, 255), st.floats(allow_nan=False)),
}


@given(SIGNATURES, st.binary(max_size=200), st.sampled_from("<>"))
def test_any_body_of_any_type_is_values_or_refused(signature: str, body: bytes, order: str) -> None:
    with suppress(WorldError):
        kinds = types(signature)
        assert "".join(kinds) == signature
        reader = Reader(body, order)
        for kind in kinds:
            reader.value(kind)
        assert reader.at <= len(body)


@given(st.binary(max_size=200))
def test_any_properties_are_facts_or_refused(body: bytes) -> None:
    with suppress(WorldError):
        unit_facts(Reader(body).pick(UNIT_PROPERTIES))


@given(st.lists(st.sampled_from(sorted(VALUES)), max_size=5), st.data())
def test_what_is_sent_is_what_is_read(kinds: list[str], data: st.DataObject) -> None:
    values = tuple(data.draw(VALUES[kind]) for kind in kinds)
    message = Message(kind=CALL, serial=7, path="/a", member="B", signature="".join(kinds))
    raw = encode(message, values)
    assert length_of(raw) == len(raw)
    assert decode(raw).values() == values


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_message_with_changed_bytes_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    message = Message(kind=CALL, serial=7, path="/a/b", member="B", signature="sas")
    raw = bytearray(encode(message, ("text", ["one", "two"])))
    for at, byte in changes:
        raw[at % len(raw)] = byte
    with suppress(WorldError):
        length = length_of(raw)
        if length and length <= len(raw):
            decode(bytes(raw[:length])).values()


@given(
    st.dictionaries(st.text("aIé", max_size=3), st.sampled_from(sorted(VALUES)), max_size=6),
    st.data(),
)
def test_what_is_picked_is_what_is_there(kinds: dict[str, str], data: st.DataObject) -> None:
    told = {name: (kind, data.draw(VALUES[kind])) for name, kind in kinds.items()}
    wanted = data.draw(st.sets(st.sampled_from(sorted({*told, "absent"}))))
    writer = Writer()
    writer.put("a{sv}", told)
    raw = bytes(writer.raw)
    assert Reader(raw).pick(wanted) == {name: told[name][1] for name in wanted & told.keys()}
    for end in range(len(raw)):
        with suppress(WorldError):
            Reader(raw[:end]).pick(wanted)
