"""`insvc.catalog.regex_globs`: expressions for names as globs, or the reason why not."""

import pytest

from insvc.catalog.regex_globs import MOST, Globs, NoGlob, globs_of


@pytest.mark.parametrize(
    ("pattern", "globs"),
    [
        ("^dbus", ["dbus*"]),
        (r"^getty@.+\.service", ["getty@?*.service"]),
        (r"^emergency\.service$", ["emergency.service"]),
        ("foo", ["*foo*"]),
        ("bar$", ["*bar"]),
        ("^(a|b)c$", ["ac", "bc"]),
        ("^x(?:-y)?$", ["x", "x-y"]),
        ("(^a|b$)", ["a*", "*b"]),
        ("^a|b", ["a*", "*b*"]),
        (r"^user@\d\.service$", ["user@[0-9].service"]),
        ("^[^a]b[0-9]$", ["[!a]b[0-9]"]),
        (r"^a\*b\?c\[d$", ["a[*]b[?]c[[]d"]),
        ("^a.*b.?$", ["a*b", "a*b?"]),
        ("", ["*"]),
    ],
)
def test_what_a_glob_can_say_is_said(pattern: str, globs: list[str]) -> None:
    found = globs_of(pattern)
    assert list(found.globs) == globs
    assert not found.is_wider


@pytest.mark.parametrize(
    ("pattern", "globs"),
    [
        (r"^user@\d+\.service", ["user@[0-9]*.service"]),
        (r"^lxc\w*$", ["lxc*"]),
        (r"^a\wb$", ["a?b"]),
        ("^qx*z$", ["q*z"]),
        ("^a(b|c)+?$", ["ab*", "ac*"]),
        (r"^php[0-9.]+-fpm$", ["php[0-9.]*-fpm"]),
        ("^a+?b*+c$", ["a*c"]),
    ],
)
def test_globs_may_fit_some_more_names_and_say_so(pattern: str, globs: list[str]) -> None:
    found = globs_of(pattern)
    assert list(found.globs) == globs
    assert found.is_wider


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(?i)a", "looks ahead"),
        ("a(?=b)", "looks ahead"),
        ("^a{2}$", "counts"),
        (r"\bssh", r"has \b"),
        ("\\", "which no glob can say"),
        ("(a", "nothing closes"),
        ("a)", "nothing opens"),
        ("^a$b", "in its middle"),
        ("a^b", "in its middle"),
        (r"[\d]", "not plain"),
        ("[]", "not plain"),
        ("(^a)*", "repeats an anchor"),
        ("(a$)?", "repeats an anchor"),
        ("(^a|b)+", "repeats an anchor"),
        ("*a", "has '*'"),
        ("a\x00", "where a name has none"),
        ("(a|b|c)(a|b|c)(a|b|c)(a|b|c)", f"more than {MOST}"),
    ],
)
def test_what_no_glob_can_say_is_refused_with_the_reason(pattern: str, why: str) -> None:
    with pytest.raises(NoGlob) as fault:
        globs_of(pattern)
    assert why in str(fault.value)


def test_so_many_globs_are_written_and_no_more() -> None:
    found = globs_of("(a|b)" * 6)
    assert (len(found.globs), found.is_wider) == (MOST, False)
    assert Globs(globs=()) == Globs(globs=(), is_wider=False)
    with pytest.raises(NoGlob):
        globs_of("(a|b)" * 6 + "(?:c|d)?")
