from insvc.catalog.entry import AtMostOneDown, CarriesTraffic, Service
from insvc.check.facts import carries_traffic, is_job, is_lock_only, make_facts, named_entry
from insvc.model.observation import Instance, Observation
from insvc.model.words import (
    Action,
    InstanceState,
    Manager,
    Personality,
    Redundancy,
    RestartClass,
)
from tests.unit.check.sample import facts_of
from tests.unit.plan.sample import Cloud, entry, failed, fresh, job, stopped


def test_needs_reach_through_others_and_through_aliases_and_end_in_circles() -> None:
    cloud = Cloud(
        entry("disk", aliases=("storage",)),
        entry("db", depends_on=("storage", "api")),
        entry("api", "api-server", depends_on=("db", "nobody")),
        entry("web", depends_on=("api-server",)),
    ).host("compute-0")
    needs = facts_of(cloud).needs
    assert needs["web"] == {"api", "db", "disk"}
    assert needs["api"] == {"db", "disk"}
    assert needs["disk"] == set()


def test_a_host_that_was_not_observed_counts_as_not_answering() -> None:
    cloud = Cloud(entry("db", runs_on=(Personality.WORKER,))).host("compute-0")
    facts = make_facts(Observation(), cloud.catalog, cloud.topology)
    assert not facts.seen["compute-0"].reachable
    assert facts.members == {"db": ("compute-0",)}
    assert facts.is_missed("compute-0", "db")
    assert not facts.is_up("compute-0", "db")


def test_a_host_that_does_not_answer_has_what_belongs_there() -> None:
    services = (Service(name="osd", runs_on=(Personality.STORAGE,)), Service(name="mon"))
    cloud = (
        Cloud(entry("ceph", services=services, runs_on=(Personality.CONTROLLER,)))
        .host("storage-0", reachable=False)
        .host("compute-0", reachable=False)
    )
    assert facts_of(cloud).members == {"osd": ("storage-0",)}


def test_controllers_without_a_role_are_all_active() -> None:
    plain = Cloud(entry("db")).host("controller-0").host("controller-1")
    assert facts_of(plain).active == {"controller-0"}
    alone = Cloud(entry("db")).host("controller-0", role=None).host("compute-0")
    assert facts_of(alone).active == {"controller-0"}


def test_who_is_missed_depends_on_what_the_service_is() -> None:
    guarded = (AtMostOneDown(service="one"),)
    cloud = (
        Cloud(
            entry("turns", redundancy=Redundancy.ACTIVE_STANDBY),
            entry("each"),
            entry("one", special_handling=guarded),
        )
        .host("controller-0", failed("turns"), failed("each"))
        .host("controller-1", failed("turns"), stopped("one"), fresh("each"))
        .host("compute-0", stopped("turns"), failed("each"), locked=True)
        .host("compute-1", job("each"), reachable=True)
        .host("compute-2", reachable=False)
    )
    facts = facts_of(cloud)
    assert facts.is_missed("controller-0", "turns")
    assert not facts.is_missed("controller-1", "turns")
    assert not facts.is_missed("compute-0", "turns")
    assert not facts.is_missed("compute-2", "turns")
    assert facts.is_missed("controller-0", "each")
    assert not facts.is_missed("controller-1", "each")
    assert not facts.is_missed("compute-0", "each")
    assert not facts.is_missed("compute-1", "each")
    assert facts.is_missed("compute-2", "each")
    assert facts.is_missed("controller-1", "one")


def test_what_no_catalog_knows_stands_for_itself() -> None:
    facts = facts_of(Cloud(entry("db")).host("compute-0", fresh("stranger")))
    assert facts.redundancy("stranger") is Redundancy.PER_HOST
    assert not facts.is_guarded("stranger")
    assert facts.running_on("compute-0") == ["stranger"]
    assert facts.running_on("compute-9") == []


def test_the_catalog_says_what_only_a_lock_allows() -> None:
    assert is_lock_only(entry("db", in_service_patchable=False))
    assert is_lock_only(entry("db", restart_class=RestartClass.REBOOT_ONLY))
    assert is_lock_only(entry("db", action=Action.LOCK))
    assert not is_lock_only(entry("db"))


def test_a_job_is_known_by_its_manager_its_action_or_its_state() -> None:
    plain = entry("db")
    assert is_job(None, entry("db", managed_by=Manager.CRON))
    assert is_job(None, entry("db", action=Action.NEXT_RUN))
    assert is_job(Instance(service="db", manager=Manager.CRON), plain)
    assert is_job(Instance(service="db", state=InstanceState.SCHEDULED), plain)
    assert not is_job(Instance(service="db"), plain)
    assert not is_job(None, plain)


def test_rules_name_entries_by_any_of_their_names() -> None:
    catalog = Cloud(entry("nova", "nova-api", aliases=("compute service",))).catalog
    for name in ("nova", "Nova", "compute service", "nova-api"):
        found = named_entry(catalog, name)
        assert found is not None
        assert found.name == "nova"
    assert named_entry(catalog, "swift") is None
    assert carries_traffic(entry("proxy", special_handling=(CarriesTraffic(),)))
