"""`insvc.catalog.needrestart`: which names become which classes, and what is told of the rest."""

import pytest

from insvc.catalog.entry import Service
from insvc.catalog.needrestart import VARIABLE, Moved, move
from insvc.catalog.perl_settings import read_settings
from insvc.catalog.settle import settle
from insvc.model.words import Manager, RestartClass
from tests.entries import a_catalog, an_entry


def moved(*texts: str) -> Moved:
    return move(
        (f"{number}.conf", read_settings(text, VARIABLE)) for number, text in enumerate(texts)
    )


def classes(*texts: str) -> dict[str, str]:
    return {one.name: str(one.restart_class) for one in moved(*texts).layer.entries}


def told(*texts: str) -> list[str]:
    return [f"{one.where} {one.what}: {one.why}" for one in moved(*texts).told]


def test_names_that_are_not_restarted_by_default_are_deferred_and_others_auto() -> None:
    text = "$nrconf{override_rc} = { qr(^dbus) => 0, qr(^cron$) => 1, web => '0', x => 'yes' };"
    assert classes(text) == {
        "dbus*": "deferred",
        "cron": "auto",
        "*web*": "deferred",
        "*x*": "auto",
    }
    (first, *_) = moved(text).layer.entries
    assert first.provenance == {"restart_class": "needrestart: 0.conf:1"}


def test_a_later_word_on_the_same_name_counts_and_a_new_hash_replaces_all() -> None:
    text = "$nrconf{override_rc} = { qr(^a) => 0, qr(^b) => 0 };"
    single = "$nrconf{override_rc}{qr(^a)} = 1;"
    assert list(classes(text, single).items()) == [("b*", "deferred"), ("a*", "auto")]
    assert classes(text, "$nrconf{override_rc} = { qr(^c) => 0 };") == {"c*": "deferred"}


def test_services_to_ignore_are_left_alone_and_still_told_of() -> None:
    text = "$nrconf{blacklist_rc} = [ qr(^a) ];\npush @{$nrconf{blacklist_rc}}, qr(^b);"
    assert classes(text) == {"a*": "deferred", "b*": "deferred"}
    assert told(text)[1].startswith("0.conf:2 blacklist_rc qr(^b): is left alone; a scan still")
    assert classes(text, "$nrconf{blacklist_rc} = [];") == {}
    both = "$nrconf{override_rc}{qr(^a)} = 1;\n" + text
    assert list(classes(both)) == ["a*", "b*"]
    assert classes(both)["a*"] == "deferred"
    again = "$nrconf{override_rc} = { qr(^b) => 1, qr(^c) => 1 };\n" + text
    assert list(classes(again)) == ["c*", "a*", "b*"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("$nrconf{restart} = 'l';", "restart = 'l': lists only"),
        ("$nrconf{restart} = 'a';", "insvc restart --stale --yes"),
        ("$nrconf{restart} = 'q';", "restart: insvc has nothing that corresponds"),
        ("$nrconf{blacklist} = [qr(x)];", "blacklist: binaries are not left out"),
        ("$nrconf{verbosity} = 2;", "verbosity: insvc has nothing that corresponds"),
        ("$nrconf{qr(x)} = 2;", "x: insvc has nothing"),
        ("$nrconf{override_rc} = 1;", "override_rc: is no hash of names"),
        ("push @{$nrconf{override_rc}}, 1;", "override_rc: is no hash of names"),
        ("$nrconf{override_rc} = ['a'];", "has something that says neither yes nor no"),
        ("$nrconf{override_rc} = {a => []};", "has something that says neither yes nor no"),
        ("$nrconf{blacklist_rc} = 'a';", "blacklist_rc: is no list of names"),
        ("$nrconf{blacklist_rc}{a} = ['a'];", "blacklist_rc: is no list of names"),
        ("$nrconf{blacklist_rc} = [1];", "has something that is no name"),
        ("$nrconf{blacklist_rc} = {a => 'b'};", "has something that is no name"),
        ("$nrconf{blacklist_rc} = [qr(a{2})];", "counts how often a sign is repeated: write"),
        ("$nrconf{override_rc}{qr(a)i} = 0;", "qr(a)i: has the flags i: write a layer by hand"),
        (r"$nrconf{override_rc}{qr(^a\d+)} = 0;", "became a[0-9]*, which fits some more names"),
        ("unlink('/etc/passwd');", "unlink('/etc/passwd');: is not understood and not executed"),
        ("if (-d q(/etc/needrestart/conf.d)) { x(); }", "the files of conf.d are read by"),
        ("do { " + "a " * 50 + "};", "a…: is not understood"),
    ],
)
def test_what_does_not_become_a_class_is_told(text: str, words: str) -> None:
    assert len(told(text)) == 1
    assert words in told(text)[0]


def test_a_long_statement_is_told_by_its_beginning() -> None:
    whole = "x(" + "a" * 56 + ");"
    assert told(whole) == [f"0.conf:1 {whole}: is not understood and not executed"]
    assert f"{whole[:-2]}a)…:" in told(f"{whole[:-2]}a);")[0]


def test_the_last_line_of_a_perl_file_says_nothing() -> None:
    assert told("1;") == []


def test_what_is_told_comes_in_the_order_of_the_files() -> None:
    first = "$nrconf{override_rc}{qr(a{2})} = 0;\n$nrconf{ui} = 'x';"
    assert [one.partition(" ")[0] for one in told(first, "$nrconf{ui} = 'y';")] == [
        "0.conf:1",
        "0.conf:2",
        "1.conf:1",
    ]


def test_the_layer_changes_what_is_found_and_never_makes_a_reboot_superfluous() -> None:
    shipped = a_catalog(
        an_entry("bus", services=(Service(name="dbus.service"),), in_service_patchable=False)
    )
    layer = moved("$nrconf{override_rc} = { qr(^dbus) => 1, qr(^db) => 0 };").layer
    units = [
        an_entry(name, title=name, managed_by=Manager.SYSTEMD)
        for name in ("dbus.service", "db.service", "web.service")
    ]
    found = {one.name: one for one in settle(units, shipped, [layer]).entries}
    assert found["db.service"].restart_class is RestartClass.DEFERRED
    assert found["web.service"].restart_class is RestartClass.AUTO
    assert not found["dbus.service"].in_service_patchable
