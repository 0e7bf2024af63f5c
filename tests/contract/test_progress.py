"""Port `Progress`: one suite for the fake and for what is shown on a terminal and in a file."""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from rich.console import Console

from insvc.adapters.progress import make_progress
from insvc.plan.plan import Plan, Step
from insvc.ports import Progress
from tests.fakes.progress import FakeProgress

PLAN = Plan(steps=(Step(id="vim@controller-0", host="controller-0", service="vim"),))
Told = Callable[[], str]


@contextmanager
def fake() -> Iterator[tuple[Progress, Told]]:
    """The fake, and what it was told."""
    progress = FakeProgress()
    yield progress, lambda: "\n".join(progress.lines)


@contextmanager
def in_a_file() -> Iterator[tuple[Progress, Told]]:
    """Plain lines, and what the file holds."""
    stream = io.StringIO()
    with make_progress(PLAN, Console(file=stream, force_terminal=False)) as progress:
        yield progress, stream.getvalue


@contextmanager
def on_a_terminal() -> Iterator[tuple[Progress, Told]]:
    """The live table, and what the terminal shows at the end."""
    console = Console(file=io.StringIO(), force_terminal=True, width=120, height=40, record=True)
    with make_progress(PLAN, console) as progress:

        def told() -> str:
            console.print(progress)
            return console.export_text()

        yield progress, told


EVERY_KIND = pytest.mark.parametrize("kind", [fake, in_a_file, on_a_terminal])
Kind = Callable[[], AbstractContextManager[tuple[Progress, Told]]]


@EVERY_KIND
def test_a_step_is_told_from_its_start_to_its_end(kind: Kind) -> None:
    with kind() as (progress, told):
        progress.step_started("vim@controller-0", 1)
        progress.step_ended("vim@controller-0", "restarted", "every check passed", 0.5)
        assert "vim" in told()
        assert "restarted" in told()


@EVERY_KIND
def test_a_failure_is_told_with_its_reason(kind: Kind) -> None:
    with kind() as (progress, told):
        progress.step_started("vim@controller-0", 1)
        progress.step_ended("vim@controller-0", "failed", "it never got ready", None)
        assert "failed" in told()
        assert "it never got ready" in told()


@EVERY_KIND
def test_a_step_that_is_told_of_without_a_start_is_taken(kind: Kind) -> None:
    with kind() as (progress, told):
        progress.step_ended("vim@controller-0", "already-current", "", None)
        assert "already-current" in told()


@EVERY_KIND
def test_a_step_that_no_plan_named_is_taken(kind: Kind) -> None:
    with kind() as (progress, told):
        progress.step_started("sm@controller-1", 2)
        assert "controller-1" in told()


@EVERY_KIND
def test_what_is_said_is_shown_as_it_is(kind: Kind) -> None:
    with kind() as (progress, told):
        progress.said("controller-0: installed [vim] & <more>")
        assert "controller-0: installed [vim] & <more>" in told()
