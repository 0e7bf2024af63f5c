"""The labelled corpus of staleness: every case is what it says, and the finders are asked."""

from collections.abc import Iterator

import pytest

from lab.corpus.build import CASES, make
from lab.corpus.finders import ask_checkrestart, ask_insvc, ask_needrestart
from lab.corpus.judge import judge, misattributed
from lab.host import Host
from lab.image import build


@pytest.fixture(scope="module")
def corpus() -> Iterator[tuple[Host, dict[str, list[int]]]]:
    """The host on which all cases were made, and their processes."""
    build(["languages"])
    with Host("corpus", layer="languages") as host:
        yield host, make(host)


def test_the_corpus_holds_cases_enough_of_both_kinds() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 40
    assert sum(case.stale for case in CASES) >= 20
    assert sum(not case.stale for case in CASES) >= 20


def test_the_kernel_agrees_that_the_mapped_cases_are_what_they_say(
    corpus: tuple[Host, dict[str, list[int]]],
) -> None:
    host, pids = corpus
    for name in ("program-replaced", "library-replaced", "same-content-upgrade", "jna"):
        maps = host.run(f"cat /proc/{pids[name][0]}/maps").output
        assert "(deleted)" in maps, name
    for name in ("untouched", "seconds-after", "restarted", "renamed-into-place"):
        maps = host.run(f"cat /proc/{pids[name][0]}/maps").output
        assert "(deleted)" not in maps, name


def test_another_finder_sees_ordinary_cases_as_they_are_labelled(
    corpus: tuple[Host, dict[str, list[int]]],
) -> None:
    host, pids = corpus
    score = judge(ask_needrestart(host), CASES, pids)
    assert {"program-replaced", "library-replaced", "real-package"} <= set(score.found)
    assert not {"untouched", "message-bus", "journal"} & set(score.alarms)


def test_insvc_finds_every_stale_case_under_its_owners_name(
    corpus: tuple[Host, dict[str, list[int]]],
) -> None:
    host, pids = corpus
    answer = ask_insvc(host)
    score = judge(answer, CASES, pids)
    assert score.missed == ()
    assert misattributed(answer, CASES, pids) == []


def test_insvc_blames_nothing_that_is_current(
    corpus: tuple[Host, dict[str, list[int]]],
) -> None:
    host, pids = corpus
    assert judge(ask_insvc(host), CASES, pids).alarms == ()


def test_every_disagreement_with_the_truth_is_explained(
    corpus: tuple[Host, dict[str, list[int]]],
) -> None:
    host, pids = corpus
    scores = [judge(ask(host), CASES, pids) for ask in (ask_needrestart, ask_checkrestart)]
    wrong = {name for score in scores for name in (*score.missed, *score.alarms)}
    assert wrong
    assert [case.name for case in CASES if case.name in wrong and not case.why] == []
