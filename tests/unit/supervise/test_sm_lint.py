"""Each contradiction in sm's tables is found, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from insvc.adapters.sm_shipped import shipped_tables
from insvc.supervise.definition import FailureBudget
from insvc.supervise.sm_lint import CODES, lint
from insvc.supervise.sm_tables import (
    Dependency,
    Domain,
    DomainMember,
    Group,
    GroupMember,
    Interface,
    Service,
    Tables,
    Times,
)

SOUND = Tables(
    domains=(Domain(name="d"),),
    interfaces=(Interface(domain="d", interface="oam"),),
    groups=(Group(name="g"), Group(name="h"), Group(name="both")),
    domain_members=(
        DomainMember(domain="d", group="g", aggregate="a"),
        DomainMember(domain="d", group="h", active_only_if_active="both"),
        DomainMember(domain="d", group="both", redundancy="N", n_active=2, m_standby=0),
    ),
    group_members=(
        GroupMember(group="g", service="x"),
        GroupMember(group="g", service="y"),
        GroupMember(group="h", service="z"),
        GroupMember(group="both", service="w"),
    ),
    times=(Times(name="t", enable_s=1.0, disable_s=1.0),),
    services=(
        Service(name="x", times="t"),
        Service(name="y", budget=FailureBudget()),
        Service(name="z"),
        Service(name="w"),
    ),
    dependencies=(Dependency(service="x", needs="y"), Dependency(service="x", needs="w")),
)


def found(**changed: Any) -> list[tuple[str, str, str]]:
    return [(one.code, one.subject, one.found) for one in lint(replace(SOUND, **changed))]


def test_sound_tables_have_no_findings() -> None:
    assert found() == []


def test_the_shipped_tables_are_sound() -> None:
    assert lint(shipped_tables()) == ()


def test_a_circle_is_told_once_by_the_way_it_goes() -> None:
    circle = (
        Dependency(service="x", needs="y"),
        Dependency(service="y", needs="w"),
        Dependency(service="w", needs="x"),
        Dependency(service="z", needs="z"),
    )
    told = [one for one in found(dependencies=circle) if one[0] == "SM001"]
    assert told == [
        ("SM001", "w", "w needs x needs y needs w"),
        ("SM001", "z", "z needs z"),
    ]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"interfaces": (Interface(domain="e", interface="oam"),)},
            ("SM002", "oam", "no row describes the domain e"),
        ),
        (
            {"dependencies": (Dependency(service="x", needs="q"),)},
            ("SM002", "x", "no row describes the service q"),
        ),
        (
            {"times": ()},
            ("SM002", "x", "no row describes the kind of times t"),
        ),
        (
            {"services": (*SOUND.services, Service(name="v"))},
            ("SM003", "v", "is a member of no group"),
        ),
        (
            {"group_members": (*SOUND.group_members, GroupMember(group="h", service="x"))},
            ("SM004", "x", "is a member of g, h"),
        ),
        (
            {"times": (Times(name="t", enable_s=1.0, disable_s=0.0, audit_s=2.0),)},
            ("SM005", "t", "disable_s is 0"),
        ),
        (
            {"dependencies": (Dependency(service="x", needs="z"),)},
            ("SM006", "x", "needs z of h"),
        ),
        (
            {"groups": (*SOUND.groups, Group(name="g"))},
            ("SM007", "g", "2 rows describe this group"),
        ),
        (
            {"services": (replace(SOUND.services[0], budget=FailureBudget(forgiven_each_s=0.0)),)},
            ("SM008", "x", "expected every number above 0"),
        ),
        (
            {"domain_members": (DomainMember(domain="d", group="g", redundancy="N"),)},
            ("SM009", "g", "N with 1 active, 1 standby"),
        ),
    ],
)
def test_a_contradiction_is_told(changed: dict[str, Any], told: tuple[str, str, str]) -> None:
    code, subject, text = told
    assert any(
        (one[0], one[1]) == (code, subject) and one[2].endswith(text) for one in found(**changed)
    )
    assert code in CODES


def test_what_is_active_wherever_it_is_needed_may_be_of_another_group() -> None:
    only = (Dependency(service="z", needs="w"),)
    assert found(dependencies=only) == []
    together = tuple(replace(one, aggregate="a") for one in SOUND.domain_members[:2])
    both = (*together, SOUND.domain_members[2])
    assert found(domain_members=both, dependencies=(Dependency(service="x", needs="z"),)) == []


def test_what_follows_a_group_may_need_it() -> None:
    alone = replace(SOUND.domain_members[2], n_active=1, redundancy="N + M", m_standby=1)
    members = (*SOUND.domain_members[:2], alone)
    needs = (Dependency(service="z", needs="w"),)
    assert found(domain_members=members, dependencies=needs) == []


def test_every_code_is_explained_in_words() -> None:
    assert all(text[0].islower() for text in CODES.values())
