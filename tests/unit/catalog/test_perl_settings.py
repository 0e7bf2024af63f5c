"""`insvc.catalog.perl_settings`: some Perl is understood, the rest is told, none is executed."""

from typing import Any

import pytest

from insvc.catalog.perl_settings import Assignment, Listed, Regex, Unread, read_settings


def read(text: str) -> tuple[Assignment | Unread, ...]:
    return read_settings(text, "conf")


def value(text: str) -> Any:
    (one,) = read(f"$conf{{a}} = {text};")
    assert isinstance(one, Assignment), one
    return one.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1.0),
        ("-0.5", -0.5),
        ("'it''s'", None),
        (r"'it\'s \\ $x'", r"it's \ $x"),
        ('"plain"', "plain"),
        ("q(a (nested) text)", "a (nested) text"),
        ("qq{plain}", "plain"),
        ("undef", None),
        ("[]", ()),
        ("{}", ()),
        ("qr(^a)", Regex(pattern="^a")),
        (r"qr/a\/b/ix", Regex(pattern=r"a\/b", flags="ix")),
        ("qr#^a$#", Regex(pattern="^a$")),
        ("qr{a{2}}", Regex(pattern="a{2}")),
        ("qr (a)", Regex(pattern="a")),
    ],
)
def test_a_value_is_a_number_a_text_an_expression_or_some_of_them(
    text: str, expected: object
) -> None:
    if text == "'it''s'":
        assert isinstance(read(f"$conf{{a}} = {text};")[0], Unread)
    else:
        assert value(text) == expected


def test_lists_and_hashes_know_the_lines_of_what_is_in_them() -> None:
    assert value("[\n 'a', # why\n qr(b),\n]") == (
        Listed(line=2, value="a"),
        Listed(line=3, value=Regex(pattern="b")),
    )
    assert value("{ qr(a) => 0, b => 'c',\n 'd' => [1] }") == (
        Listed(line=1, key=Regex(pattern="a"), value=0.0),
        Listed(line=1, key="b", value="c"),
        Listed(line=2, key="d", value=(Listed(line=2, value=1.0),)),
    )


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("$conf{a} = 1;", ("a",)),
        ("$conf{'a-b'}->{c} = 1", ("a-b", "c")),
        ("$conf -> {a} {qr(^b)} = 1;", ("a", Regex(pattern="^b"))),
        ("$conf->{1} = 1;", ("1.0",)),
    ],
)
def test_a_setting_has_one_key_or_more(text: str, keys: tuple[object, ...]) -> None:
    (one,) = read(text)
    assert isinstance(one, Assignment)
    assert one.keys == keys


@pytest.mark.parametrize("form", ["push(@{$conf{a}}, 'x', 'y');", "push @{$conf{a}}, 'x', 'y';"])
def test_push_adds_to_a_list(form: str) -> None:
    (one,) = read(form)
    added = (Listed(line=1, value="x"), Listed(line=1, value="y"))
    assert one == Assignment(line=1, keys=("a",), value=added, adds=True)


@pytest.mark.parametrize(
    "text",
    [
        'system("rm -rf /; echo");',
        "$other{a} = 1;",
        "$conf = 1;",
        "$conf[0] = 1;",
        "$conf->x = 1;",
        "$conf{a} = $x;",
        '$conf{a} = "$x";',
        "$conf{a} = (1 ? 2 : 3);",
        "$conf{a} = 1 + 1;",
        "$conf{[]} = 1;",
        "$conf{a} = { [1] => 2 };",
        "$conf{a} = [1 2];",
        "$conf{a} = qr(^b",
        "$conf{a} = " + "[" * 30 + ";",
        "if (-d 'x') { foreach (@y) { $conf{a} = 1; } } else { 'b;' }",
        "push @x, 1;",
        "use strict;",
        "'",
    ],
)
def test_what_is_no_setting_is_told_whole_and_what_follows_is_read(text: str) -> None:
    found = read(text)
    assert found == (Unread(line=1, text=" ".join(text.split())),)
    if text[-1] in ";}" and "[[" not in text:
        last = read(f"\n{text}\n$conf{{b}} = 2;")[-1]
        assert last == Assignment(line=3, keys=("b",), value=2.0)


def test_comments_empty_statements_and_the_end_say_nothing() -> None:
    assert read("# $conf{a} = 1;\n;;\n$conf{a} # b\n = # c\n 2; __END__ $conf{a} = 3;") == (
        Assignment(line=3, keys=("a",), value=2.0),
    )
    assert read("") == ()
    assert read("{ 'a } # b\n; # '") == (Unread(line=1, text="{ 'a } # b ; # '"),)


def test_a_comment_in_what_is_passed_over_ends_nothing() -> None:
    assert read("x( # it's; }\n 1);\n$conf{b} = 2;") == (
        Unread(line=1, text="x( # it's; } 1);"),
        Assignment(line=3, keys=("b",), value=2.0),
    )


def test_lists_may_be_nested_as_deep_as_people_write_them_and_no_deeper() -> None:
    assert isinstance(read("$conf{a} = " + "[" * 20 + "]" * 20 + ";")[0], Assignment)
    assert isinstance(read("$conf{a} = " + "[" * 22 + "]" * 22 + ";")[0], Unread)
    assert isinstance(read("$conf{a} = " + "{a=>" * 22 + "1" + "}" * 22 + ";")[0], Unread)


def test_only_texts_in_which_perl_puts_nothing_are_read() -> None:
    assert value("q($x @y \\\\z)") == "$x @y \\\\z"
    assert value("'$x @y'") == "$x @y"
    for text in ("qq($x)", '"@y"', '"a\\n"'):
        assert isinstance(read(f"$conf{{a}} = {text};")[0], Unread)


def test_blanks_are_allowed_where_perl_allows_them() -> None:
    written = "  $conf { a } = [ 'x' , 'y' ] ; \n push ( @{ $conf{b} } , 'z' ) ;"
    assert [type(one) for one in read(written)] == [Assignment, Assignment]
    assert isinstance(read("push(@{$conf{a}}, 'x') 5;")[0], Unread)
    assert read("$conf{a} = 1 ; ; $conf{b} = 2;")[-1] == Assignment(line=1, keys=("b",), value=2.0)
    assert value("{ a=>1,b=>2 }") == (
        Listed(line=1, key="a", value=1.0),
        Listed(line=1, key="b", value=2.0),
    )
