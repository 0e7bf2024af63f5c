"""JSON and YAML as plain values."""

import pytest

from insvc.adapters.text_tree import Tree, Unreadable, locate, parse


def test_json_and_yaml_give_the_same_values() -> None:
    value = {"a": [1, 2.5, True, None, "x"], "b": {"c": "d"}}
    assert parse('\ufeff{"a": [1, 2.5, true, null, "x"], "b": {"c": "d"}}').value == value
    assert parse("a: [1, 2.5, true, null, x]\nb: {c: d}\n").value == value


def test_yaml_words_that_older_parsers_convert_stay_text() -> None:
    assert parse("a: yes\nb: 'no'\nc: on\n").value == {"a": "yes", "b": "no", "c": "on"}


def test_an_empty_text_is_nothing() -> None:
    assert parse("").value is None


def test_lines_count_from_one_and_fall_back_to_what_is_around() -> None:
    tree = parse("a: 1\nb:\n  - c: 2\n    d: 3\n")
    assert tree.line(("b", 0, "d")) == 4
    assert tree.line(("b", 0, "missing")) == 3
    assert tree.line(("nowhere",)) == 1
    assert Tree(value=None).line(("a",)) == 1


def test_lines_of_json_are_found_when_they_are_asked_for() -> None:
    text = '{"a": 1,\n"b": [\n{"c": 2}]}'
    tree = parse(text)
    locate(tree, text, [("b", 0, "c")])
    assert (tree.line(("b", 0, "c")), tree.line(("a",))) == (3, 1)
    locate(tree, "is not read again", [("a",)])


def test_lines_of_yaml_are_found_for_a_tree_without() -> None:
    tree = Tree(value=None)
    locate(tree, "a: 1\nb: 2\n", [("b",)])
    assert tree.line(("b",)) == 2


@pytest.mark.parametrize(
    ("text", "path", "what"),
    [
        ("a: 1\na: 2\n", ("a",), "is given twice, again in line 2"),
        ('{"a": 1,\n"a": 2}', ("a",), "is given twice, again in line 2"),
        ("a: &x 1\nb: *x\n", ("b",), "is an alias; write the value out"),
        ("a: &x [*x]\n", ("a", 0), "is an alias; write the value out"),
        ("? [1]\n: 2\n", (), "has a key that is not text"),
        ("a: 2020-01-01\n", ("a",), "is a timestamp, not text; put it in quotes"),
        ("a: !here b\n", ("a",), "is a !here, not text; put it in quotes"),
        ("a: 0x1F\n", ("a",), "is 0x1F, expected a decimal number"),
        ("a: .nan\n", ("a",), "is .nan, expected a decimal number"),
    ],
)
def test_what_json_cannot_say_is_a_fault(text: str, path: tuple[str | int, ...], what: str) -> None:
    assert parse(text).faults == [(path, what)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"a": 1,\n"b": ', 2),
        ('{"a": NaN}', 1),
        ('{"a": 1e999}', 1),
        ('{"a": ' + "9" * 5000 + "}", 1),
        ('{"a":' * 100_000, 1),
        ("a: [1,\n2\n", 3),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("\x00", 1),
        ("- " * 20_000 + "a", 1),
        ("a: 'x\n", 2),
    ],
)
def test_broken_text_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(text)
    assert refused.value.line == line
    assert "\n" not in str(refused.value)
