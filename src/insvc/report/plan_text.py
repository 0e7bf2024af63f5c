"""A plan as an operator reads it: a table, a chart over time, the forecast, and every reason."""

import re
from collections.abc import Iterable, Sequence
from textwrap import wrap

from insvc.model.words import Action
from insvc.plan.plan import Impairment, Plan, Step
from insvc.report.wording import count, seconds, users_notice

_WIDTH = 100
_AFTER_SHOWN = 2
_SERVICE_WIDTH = 26
_LEAST_LAST_COLUMN = 12
_ONLY_STALE = 9
_STEPS_DRAWN = 150
_FEWEST_TOGETHER = 3
_Row = tuple[str, str, str, str, str]
_LAWS = re.compile(r"\blaws? (\d+(?:(?:, | and )\d+)*)")


def plan_table(plan: Plan) -> str:
    """The steps in the order of their start, with what each waits for."""
    if not plan.steps:
        return f"Nothing to restart: no step is needed.{_omitted_line(plan)}\n"
    number = {step.id: str(place) for place, step in enumerate(plan.steps, start=1)}
    rows = [
        (
            number[step.id],
            f"{step.start_s:.1f}",
            f"{step.end_s:.1f}",
            step.host,
            _cut(step.service or "(host)", _SERVICE_WIDTH),
            step.action.value,
            seconds(step.expected_outage_s) if step.expected_outage_s else "-",
            _after([number[one] for one in step.after]),
            _short_reason(step),
        )
        for step in plan.steps
    ]
    head = ("#", "start", "end", "host", "service", "action", "outage", "after", "why, laws")
    hosts = len({step.host for step in plan.steps})
    closing = (
        f"{count(len(plan.steps), 'step')} on {count(hosts, 'host')}, about "
        f"{seconds(plan.makespan_s)} in all; no order of them can take less than "
        f"{seconds(plan.lower_bound_s)}.{_improvement(plan)}{_omitted_line(plan)}"
    )
    return "\n".join(
        [
            *_table(head, rows, right={0, 1, 2, 6}),
            "",
            *wrap(closing, _WIDTH, break_on_hyphens=False),
            "",
        ]
    )


def gantt(plan: Plan, width: int) -> str:
    """The steps as bars over time, one line a step, grouped by host.

    A plan of very many steps gets one line a service instead, from its first step to its last.

    Args:
        plan: what is drawn.
        width: columns in all; 40 or more are used.
    """
    if not plan.steps:
        return ""
    if len(plan.steps) > _STEPS_DRAWN:
        return _folded(plan, width)
    label = min(30, max(len(_bar_name(step)) for step in plan.steps)) + 4
    room = max(width, 40) - label - 2
    scale = room / max(plan.makespan_s, 0.001)
    lines = [" " * label + _axis(plan.makespan_s, room)]
    for host in dict.fromkeys(step.host for step in plan.steps):
        lines.append(host)
        for step in plan.steps:
            if step.host == host:
                name = _cut(_bar_name(step), label - 4)
                lines.append(f"  {name:<{label - 2}}│{_bar(step, scale, room)}│")
    lines.append(" " * label + " █ out of service   ▒ checks and dwell   ◆ next run uses it")
    return "\n".join(lines) + "\n"


def _folded(plan: Plan, width: int) -> str:
    by_name: dict[str, list[Step]] = {}
    for step in plan.steps:
        by_name.setdefault(step.service or step.action.value, []).append(step)
    names = {name: f"{_cut(name, 30)}, {len(steps)} steps" for name, steps in by_name.items()}
    label = max(map(len, names.values())) + 2
    room = max(width, 40) - label - 2
    scale = room / max(plan.makespan_s, 0.001)
    lines = [" " * label + _axis(plan.makespan_s, room)]
    for name, steps in by_name.items():
        first = min(int(min(step.start_s for step in steps) * scale), room - 1)
        last = min(max(round(max(step.end_s for step in steps) * scale), first + 1), room)
        bar = (" " * first + "▒" * (last - first)).ljust(room)
        lines.append(f"{names[name]:<{label}}│{bar}│")
    lines.append(" " * label + " ▒ from the first step of a service to its last")
    return "\n".join(lines) + "\n"


def forecast_table(plan: Plan) -> str:
    """What users will notice, one line an entry; what one swact moves shares a line."""
    if not plan.forecast:
        return "Users will notice nothing.\n"
    swacts = [step for step in plan.steps if step.action is Action.SWACT]
    rows: dict[str, _Row] = {}
    for one in plan.forecast:
        swact = next((step for step in swacts if _is_moved(one, step)), None)
        moved = [other for other in plan.forecast if swact and _is_moved(other, swact)]
        if swact is None or len(moved) < _FEWEST_TOGETHER:
            rows[one.entry] = _row_of(one.title or one.entry, one, users_notice(one))
        else:
            worst = max(moved, key=lambda other: other.outage_s)
            rows[swact.id] = _row_of(f"{len(moved)} entries", worst, _move_notice(swact, moved))
    head = ("entry", "when (s)", "outage", "as a whole", "users notice")
    return "\n".join([*_table(head, list(rows.values()), right={2}), ""])


def _is_moved(one: Impairment, swact: Step) -> bool:
    """Whether it goes down by that swact, and by nothing else."""
    return (one.from_s, one.until_s) == (swact.start_s, swact.end_s)


def _row_of(name: str, one: Impairment, notice: str) -> _Row:
    return (
        name,
        f"{one.from_s:.1f}-{one.until_s:.1f}",
        seconds(one.outage_s) if one.outage_s else "none",
        "interrupted" if one.is_interrupted else "keeps serving",
        notice,
    )


def _move_notice(swact: Step, moved: Sequence[Impairment]) -> str:
    """What lasts is told of each; that requests fail or wait meanwhile goes for all."""
    told = [f"{swact.id} moves them to {swact.to_host}, where they answer again"]
    for one in moved:
        name = one.title or one.entry
        told += [f"users of {name} are logged out"] if one.sessions == "lost" else []
        told += [f"{name} may lose {thing}" for thing in one.may_lose]
    return "; ".join([*told, "`insvc plan --json` lists each"])


def explain(plan: Plan) -> str:
    """Why every step is taken and when, and why everything else is not."""
    lines = [f"Why these {count(len(plan.steps), 'step')}:" if plan.steps else "No steps."]
    for step in plan.steps:
        lines += ["", f"  {step.id}  ({step.action.value}, from {step.start_s:.1f} s)"]
        lines += _reasons(step.reason)
    if plan.omitted:
        lines += ["", "Why nothing is done for these:"]
    for one in plan.omitted:
        lines += ["", f"  {f'{one.service}@{one.host}' if one.service else one.host}"]
        lines += _reasons(one.reason)
    return "\n".join(lines) + "\n"


def _reasons(text: str) -> Iterable[str]:
    for part in text.split("; "):
        yield from wrap(part, _WIDTH, initial_indent="    - ", subsequent_indent="      ")


def _improvement(plan: Plan) -> str:
    found = plan.improvement
    if found is None:
        return ""
    if found.before_s > plan.makespan_s:
        return f" {found.by} brought that down from {seconds(found.before_s)}."
    return f" {found.by} found no shorter order."


def _omitted_line(plan: Plan) -> str:
    if not plan.omitted:
        return ""
    return f" {count(len(plan.omitted), 'instance')} left alone; --explain says why."


def _after(numbers: Sequence[str]) -> str:
    ordered = sorted(numbers, key=int)
    shown = ", ".join(ordered[-_AFTER_SHOWN:])
    more = len(ordered) - _AFTER_SHOWN
    return f"{shown} +{more}" if more > 0 else shown or "-"


def _short_reason(step: Step) -> str:
    """What it cures, and by their numbers the laws that put it where it is."""
    laws = {
        int(number) for found in _LAWS.findall(step.reason) for number in re.findall(r"\d+", found)
    }
    if step.action is Action.NEXT_RUN:
        cause = "job"
    elif step.service:
        cause = "stale" if "replaced code" in step.reason else "failed"
        laws -= {_ONLY_STALE}
    else:
        cause = "stale" if step.cures else "lock"
    return f"{cause} {','.join(map(str, sorted(laws)))}".rstrip()


def _bar_name(step: Step) -> str:
    if step.service:
        return step.service
    return f"{step.action.value} to {step.to_host}" if step.to_host else step.action.value


def _bar(step: Step, scale: float, room: int) -> str:
    first = min(int(step.start_s * scale), room - 1)
    last = min(max(round(step.end_s * scale), first + 1), room)
    if not step.expected_outage_s:
        return (" " * first + "◆").ljust(room)
    down = min(max(round(step.expected_outage_s * scale), 1), last - first)
    return (" " * first + "█" * down + "▒" * (last - first - down)).ljust(room)


def _axis(makespan_s: float, room: int) -> str:
    end = f"{makespan_s:.0f} s"
    middle = f"{makespan_s / 2:.0f}"
    left = room // 2
    return f" 0{middle:>{left - 1}}{end:>{room - left}}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], right: set[int]) -> Iterable[str]:
    """Aligned columns; the last one takes what is left and is wrapped below itself."""
    last = len(head) - 1
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(last)]
    indent = sum(widths) + 2 * last
    rest = max(_WIDTH - indent, _LEAST_LAST_COLUMN)
    yield _row(head, widths, right)
    yield "─" * min(_WIDTH, indent + max(len(row[last]) for row in [head, *rows]))
    for row in rows:
        first, *more = wrap(row[last], rest, break_on_hyphens=False) or [""]
        yield _row([*row[:last], first], widths, right)
        for line in more:
            yield " " * indent + line


def _row(cells: Sequence[str], widths: Sequence[int], right: set[int]) -> str:
    padded = [
        cell.rjust(width) if column in right else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=False))
    ]
    return "  ".join([*padded, cells[-1]]).rstrip()
