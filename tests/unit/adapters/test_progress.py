import errno
import io

from rich.console import Console

from insvc.adapters.progress import make_progress
from insvc.model.words import Action
from insvc.plan.plan import Plan, Step

NAMES = ("ceph-mon", "cinder-api", "horizon")
PLAN = Plan(
    steps=(
        *(Step(id=f"{name}@controller-0", host="controller-0", service=name) for name in NAMES),
        Step(id="swact@controller-0", host="controller-0", action=Action.SWACT),
    ),
    makespan_s=12.0,
)


class Ticks:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.at = 50.0

    def __call__(self) -> float:
        return self.at


class Gone(io.StringIO):
    """A pipe whose reader went away."""

    reason = errno.EPIPE

    def write(self, text: str, /) -> int:
        raise OSError(self.reason, f"cannot take {text!r}")


class HungUp(Gone):
    """A terminal whose other side hung up."""

    reason = errno.EIO


def plain(stream: io.StringIO) -> Console:
    """A console on a file."""
    return Console(file=stream, force_terminal=False, width=80)


def terminal(*, height: int = 40) -> Console:
    """A console on a recorded terminal."""
    return Console(
        file=io.StringIO(),
        force_terminal=True,
        width=110,
        height=height,
        record=True,
        color_system=None,
        legacy_windows=False,
    )


def test_without_a_terminal_every_event_is_one_line() -> None:
    stream, ticks = io.StringIO(), Ticks()
    with make_progress(PLAN, plain(stream), clock=ticks) as progress:
        progress.step_started("ceph-mon@controller-0", 1)
        ticks.at += 2.5
        progress.step_ended("ceph-mon@controller-0", "restarted", "every check passed", 0.75)
        progress.said("controller-0: installed ceph-mon")
    assert stream.getvalue().splitlines() == [
        "   +0.0 s  ceph-mon@controller-0: begun",
        "   +2.5 s  ceph-mon@controller-0: restarted, out 0.75 s  [1/4]",
        "   +2.5 s  controller-0: installed ceph-mon",
    ]


def test_a_further_attempt_and_a_failure_say_so() -> None:
    stream = io.StringIO()
    with make_progress(PLAN, plain(stream), clock=Ticks()) as progress:
        progress.step_started("horizon@controller-0", 2)
        progress.step_ended("horizon@controller-0", "failed", "it never got ready", None)
    assert stream.getvalue().splitlines() == [
        "   +0.0 s  horizon@controller-0: begun (attempt 2)",
        "   +0.0 s  horizon@controller-0: failed: it never got ready  [1/4]",
    ]


def test_steps_of_a_rollback_are_not_counted_beyond_the_plan() -> None:
    stream = io.StringIO()
    with make_progress(Plan(steps=PLAN.steps[:1]), plain(stream), clock=Ticks()) as progress:
        for _ in range(2):
            progress.step_ended("ceph-mon@controller-0", "restarted", "", None)
    assert stream.getvalue().splitlines() == [
        "   +0.0 s  ceph-mon@controller-0: restarted  [1/1]",
        "   +0.0 s  ceph-mon@controller-0: restarted",
    ]


def test_what_others_wrote_is_shown_as_it_is() -> None:
    stream = io.StringIO()
    with make_progress(PLAN, plain(stream), clock=Ticks()) as progress:
        progress.said("[red]x[/] " + "y" * 100)
    assert stream.getvalue() == "   +0.0 s  [red]x[/] " + "y" * 100 + "\n"


def test_a_reader_that_went_away_does_not_stop_the_run() -> None:
    with make_progress(PLAN, plain(Gone()), clock=Ticks()) as progress:
        progress.step_started("horizon@controller-0", 1)
        progress.step_ended("horizon@controller-0", "restarted", "", 0.0)
        progress.said("done")


def test_a_closed_console_does_not_stop_the_run() -> None:
    stream = io.StringIO()
    with make_progress(PLAN, plain(stream), clock=Ticks()) as progress:
        stream.close()
        progress.said("done")


def test_on_a_terminal_the_table_shows_every_step() -> None:
    console, ticks = terminal(), Ticks()
    with make_progress(PLAN, console, clock=ticks) as progress:
        progress.step_started("ceph-mon@controller-0", 1)
        ticks.at += 3.0
        progress.step_ended("ceph-mon@controller-0", "restarted", "", 0.75)
        progress.step_started("cinder-api@controller-0", 1)
        progress.step_started("cinder-api@controller-0", 2)
        ticks.at += 1.5
        progress.said("[bold]as it is[/]")
    last = console.export_text().splitlines()
    shown = [" ".join(line.split()) for line in last]
    assert "1 of 4 steps, 4.50 s of 12.0 s planned" in shown
    assert "controller-0 ceph-mon restarted 3.00 s 0.75 s" in shown
    assert "controller-0 cinder-api under way (2) 1.50 s" in shown
    assert "controller-0 horizon waiting" in shown
    assert "controller-0 swact waiting" in shown
    assert "[bold]as it is[/]" in shown


def test_on_a_terminal_a_failure_says_why() -> None:
    console = terminal()
    with make_progress(PLAN, console, clock=Ticks()) as progress:
        progress.step_started("horizon@controller-0", 1)
        progress.step_ended("horizon@controller-0", "failed", "it never got ready", 2.0)
        progress.step_ended("ceph-mon@controller-0", "unknown", "no answer", None)
    shown = [" ".join(line.split()) for line in console.export_text().splitlines()]
    assert "controller-0 horizon failed 0.00 s 2.00 s it never got ready" in shown
    assert "controller-0 ceph-mon unknown no answer" in shown
    assert any(line.endswith("2 not well") for line in shown)


def test_steps_of_a_rollback_are_shown_though_no_plan_named_them() -> None:
    console = terminal()
    with make_progress(Plan(), console, clock=Ticks()) as progress:
        progress.step_started("vim@controller-1", 1)
    shown = [" ".join(line.split()) for line in console.export_text().splitlines()]
    assert "0 of 1 step, 0.00 s" in shown
    assert "controller-1 vim under way 0.00 s" in shown


def test_a_step_that_a_rollback_starts_again_takes_its_time_from_then() -> None:
    console, ticks = terminal(), Ticks()
    with make_progress(PLAN, console, clock=ticks) as progress:
        progress.step_started("horizon@controller-0", 1)
        progress.step_ended("horizon@controller-0", "failed", "it never got ready", None)
        ticks.at += 60.0
        progress.step_started("horizon@controller-0", 1)
        ticks.at += 1.5
    shown = [" ".join(line.split()) for line in console.export_text().splitlines()]
    assert "controller-0 horizon under way 1.50 s" in shown


def test_what_a_program_printed_cannot_steer_the_terminal() -> None:
    stream, console = io.StringIO(), terminal()
    for target in (plain(stream), console):
        with make_progress(PLAN, target, clock=Ticks()) as progress:
            progress.said("\x1b[31mred")
            progress.step_ended("horizon@controller-0", "failed", "\x1b[2Jgone", None)
    for shown in (stream.getvalue(), console.export_text()):
        assert "\\x1b[31mred" in shown
        assert "\\x1b[2Jgone" in shown


def test_a_low_terminal_shows_what_matters_most() -> None:
    steps = tuple(Step(id=f"s{n}@h", host="h", service=f"s{n}") for n in range(20))
    console = terminal(height=14)
    with make_progress(Plan(steps=steps), console, clock=Ticks()) as progress:
        for n in range(10):
            progress.step_started(f"s{n}@h", 1)
            progress.step_ended(f"s{n}@h", "failed" if n == 2 else "restarted", "bad", None)
        progress.step_started("s12@h", 1)
    shown = " ".join(console.export_text().split())
    assert "h s2 failed" in shown
    assert "h s12 under way" in shown
    assert "… 15 more" in shown


def test_a_terminal_that_went_away_does_not_stop_the_run() -> None:
    console = Console(file=HungUp(), force_terminal=True, width=80, height=20)
    with make_progress(PLAN, console, clock=Ticks()) as progress:
        progress.step_started("horizon@controller-0", 1)
