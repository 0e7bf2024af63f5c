"""Layers on a catalog."""

from insvc.catalog.entry import Impact, Service
from insvc.catalog.layers import Amendment, ImpactAmendment, by_level, misfits, overlay
from insvc.model.words import Manager, Personality
from tests.entries import a_catalog, a_layer, an_entry

BELOW = a_catalog(
    an_entry(
        "web",
        impact=Impact(longest_s=30, note="below"),
        provenance={"title": "page", "impact": "page"},
    ),
    an_entry("store"),
)


def test_only_the_given_fields_change_and_say_who_changed_them() -> None:
    changed = overlay(BELOW, a_layer(Amendment(name="web", runs_on=(Personality.WORKER,))))
    web = changed.entries[0]
    assert web.runs_on == (Personality.WORKER,)
    assert web.title == "Web"
    assert web.provenance == {"title": "page", "impact": "page", "runs_on": "site: north"}
    assert changed.entries[1] == BELOW.entries[1]


def test_a_single_part_of_the_impact_can_change() -> None:
    amended = Amendment(name="web", impact=ImpactAmendment(longest_s=90))
    web = overlay(BELOW, a_layer(amended)).entries[0]
    assert web.impact == Impact(longest_s=90, note="below")
    assert web.provenance["impact"] == "site: north"


def test_a_layers_own_provenance_counts() -> None:
    amended = Amendment(name="web", title="W", provenance={"title": "measured"})
    assert overlay(BELOW, a_layer(amended)).entries[0].provenance["title"] == "measured"


def test_an_entry_unknown_below_is_added() -> None:
    new = Amendment(
        name="mail",
        title="Mail",
        function="Carries mail.",
        in_service_patchable=True,
        managed_by=Manager.SYSTEMD,
        services=(Service(name="mail"),),
        impact=ImpactAmendment(note="slow"),
    )
    added = overlay(BELOW, a_layer(new)).entries[-1]
    assert (added.name, added.managed_by, added.impact.note) == ("mail", Manager.SYSTEMD, "slow")
    assert added.provenance["managed_by"] == "site: north"


def test_a_layer_can_take_entries_away() -> None:
    assert [one.name for one in overlay(BELOW, a_layer(without=("web",))).entries] == ["store"]


def test_what_does_not_fit_is_named() -> None:
    layer = a_layer(Amendment(name="mail", title="Mail"), without=("gone",))
    assert list(misfits(BELOW, layer)) == [
        (("without", 0), "is 'gone', which no layer below has"),
        (
            ("entries", 0, "name"),
            "is 'mail', which no layer below has; a new entry needs also: "
            "function, in_service_patchable, managed_by",
        ),
    ]
    assert list(misfits(BELOW, a_layer(Amendment(name="web"), without=("store",)))) == []


def test_higher_levels_are_laid_on_later() -> None:
    layers = [a_layer(level=level) for level in ("host", "distro", "site", "distro")]
    assert [one.level for one in by_level(layers)] == ["distro", "distro", "site", "host"]
