"""A catalog as Markdown."""

from insvc.catalog.entry import Command, Impact, Note, Probe, Service
from insvc.catalog.markdown import markdown
from tests.entries import a_catalog, an_entry


def test_every_entry_is_in_the_overview_and_has_a_section() -> None:
    text = markdown(a_catalog(an_entry("web"), an_entry("store", in_service_patchable=False)))
    assert "| Web | yes | sm | controller | web |" in text
    assert "| Store | no | sm | controller | store |" in text
    assert text.count("\n## ") == 2
    assert "2 entries." in text


def test_everything_known_is_told() -> None:
    entry = an_entry(
        services=(Service(name="web", readiness=Probe(kind="tcp")),),
        restart=(Command(run="go web", runs=("stop", "start")),),
        patch_restart=(Command(run="job", manual=True),),
        depends_on=("db",),
        impact=Impact(note="Slow."),
        special_handling=(Note(text="Ask."),),
    )
    text = markdown(a_catalog(entry))
    for line in (
        "- Service `web`: ready by tcp",
        "- Restart: `go web`",
        "  - runs `stop`",
        "- Patch restart (by hand): `job`",
        "- Needs first: db",
        "- Impact: Slow.",
        "- Special handling: Ask.",
    ):
        assert f"\n{line}\n" in text, line


def test_text_cannot_break_the_table() -> None:
    text = markdown(a_catalog(an_entry(title="a|b\n<c>", function="*x* & `y`")))
    assert "| a\\|b \\<c\\> |" in text
    assert "\\*x\\* \\& \\`y\\`" in text
