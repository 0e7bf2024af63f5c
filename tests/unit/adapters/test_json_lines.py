"""Where in a JSON text every key and element stands."""

from insvc.adapters.json_lines import Path, scan


def test_every_key_and_element_has_its_line() -> None:
    text = '{"a": [1,\n {"b": {}, "c": [[], [2]]}],\n\n "d}": "},\\"",\n"": null}'
    assert list(scan(text)) == [
        (("a",), 1),
        (("a", 0), 1),
        (("a", 1), 2),
        (("a", 1, "b"), 2),
        (("a", 1, "c"), 2),
        (("a", 1, "c", 0), 2),
        (("a", 1, "c", 1), 2),
        (("a", 1, "c", 1, 0), 2),
        (("d}",), 4),
        (("",), 5),
    ]


def test_a_repeated_key_comes_twice() -> None:
    expected: list[tuple[Path, int]] = [(("a",), 1), (("a",), 2)]
    assert list(scan('{"a": 1,\n"a": 2}')) == expected


def test_escapes_in_keys_are_read() -> None:
    assert list(scan('{"\\u0061": true}')) == [(("a",), 1)]


def test_a_bare_value_has_no_keys() -> None:
    assert list(scan("3")) == []
