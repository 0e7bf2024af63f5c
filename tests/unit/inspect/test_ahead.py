"""What a patch would do, before it is installed."""

import pytest

from insvc.inspect.ahead import AheadOfTime, Effect, would_be_left, would_become_stale
from insvc.model.act import PackageChange
from insvc.model.observation import Evidence, HostObservation, Instance, Observation
from insvc.model.words import EvidenceKind, InstanceState

CHANGE = PackageChange(package="cinder", from_version="1.0-1", to_version="1.0-2", path="/c.deb")


def seen(state: InstanceState, *, package: str = "cinder", version: str = "1.0-1") -> Observation:
    """A cloud of one instance in that state."""
    instance = Instance(service="cinder-api", package=package, version=version, state=state)
    return Observation(hosts=(HostObservation(host="c0", instances=(instance,)),))


@pytest.mark.parametrize(
    ("state", "effect"),
    [
        (InstanceState.RUNNING, Effect.STALE),
        (InstanceState.STARTING, Effect.STALE),
        (InstanceState.SCHEDULED, Effect.NEXT_RUN),
        (InstanceState.STOPPED, Effect.NEXT_START),
        (InstanceState.FAILED, Effect.NEXT_START),
        (InstanceState.UNKNOWN, Effect.UNKNOWN),
    ],
)
def test_the_effect_follows_from_what_the_instance_does(
    state: InstanceState, effect: Effect
) -> None:
    assert would_become_stale(seen(state), {"c0": (CHANGE,)}) == (
        AheadOfTime(
            host="c0",
            service="cinder-api",
            package="cinder",
            from_version="1.0-1",
            to_version="1.0-2",
            effect=effect,
        ),
    )


def test_other_packages_other_hosts_and_equal_versions_have_no_effect() -> None:
    running = InstanceState.RUNNING
    assert would_become_stale(seen(running, package="nova"), {"c0": (CHANGE,)}) == ()
    assert would_become_stale(seen(running), {"c1": (CHANGE,)}) == ()
    assert would_become_stale(seen(running, version="1.0-2"), {"c0": (CHANGE,)}) == ()


def test_nothing_is_told_of_a_host_that_did_not_answer() -> None:
    silent = Observation(hosts=(HostObservation(host="c0", reachable=False),))
    assert would_become_stale(silent, {"c0": (CHANGE,)}) == ()


def test_what_has_loaded_files_of_the_patch_would_be_left_with_them() -> None:
    def sign(kind: EvidenceKind, package: str) -> Evidence:
        return Evidence(kind=kind, subject=package, found="1.0-1", expected="1.0-2", pid=7)

    newer = EvidenceKind.PACKAGE_NEWER
    signs = (sign(newer, "cinder"), sign(newer, "nova"), sign(EvidenceKind.UNSEEN, "cinder"))
    host = HostObservation(host="c0", instances=(Instance(service="web.service", evidence=signs),))
    (ahead,) = would_be_left(host, [CHANGE])
    assert (ahead.service, ahead.package, ahead.effect) == ("web.service", "cinder", Effect.STALE)
    assert (ahead.from_version, ahead.to_version) == ("1.0-1", "1.0-2")
