"""A plan as an operator reads it: a table, a chart over time, the forecast, and every reason."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from textwrap import wrap

from insvc.model.words import Action
from insvc.plan.plan import Impairment, Line, Plan, Step
from insvc.report.wording import count, seconds, users_notice

_WIDTH = 100
_AFTER_SHOWN = 2
_SERVICE_WIDTH = 26
_LEAST_LAST_COLUMN = 12
_ONLY_STALE = 9
_CAUSES = {"replaced code": "stale", "was asked for by name": "asked"}
_STEPS_DRAWN = 150
_FEWEST_TOGETHER = 3
_Row = tuple[str, str, str, str, str]
_LAWS = re.compile(r"\blaws? (\d+(?:(?:, | and )\d+)*)")


def plan_table(plan: Plan) -> str:
    """The steps in the order of their start, with what each waits for."""
    if not plan.count_steps():
        return f"Nothing to restart: no step is needed.{_omitted_line(plan)}\n"
    both: list[Step | Line] = [*plan.steps, *plan.lines]
    ordered = sorted(both, key=lambda one: (_begin_s(one), one.id))
    number = {one.id: str(place) for place, one in enumerate(ordered, start=1)}
    rows = [
        _line_row(one, number) if isinstance(one, Line) else _step_row(one, number)
        for one in ordered
    ]
    head = ("#", "start", "end", "host", "service", "action", "outage", "after", "why, laws")
    closing = (
        f"{count(plan.count_steps(), 'step')} on {count(plan.count_hosts(), 'host')}, about "
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


def _begin_s(one: Step | Line) -> float:
    return min(step.start_s for step in one.turn) if isinstance(one, Line) else one.start_s


def _step_row(step: Step, number: Mapping[str, str]) -> tuple[str, ...]:
    return (
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


def _line_row(line: Line, number: Mapping[str, str]) -> tuple[str, ...]:
    """Hosts that are alike, in a row: how many, how much is done on each, how many at once."""
    outage_s = max(step.expected_outage_s for step in line.turn)
    return (
        number[line.id],
        f"{_begin_s(line):.1f}",
        f"{line.end_s:.1f}",
        f"{line.hosts[0].host} + {len(line.hosts) - 1} alike",
        count(len(line.turn), "service") + " each",
        ", ".join(dict.fromkeys(step.action.value for step in line.turn)),
        seconds(outage_s) if outage_s else "-",
        _after([number[one] for one in _waits(line) if one in number]),
        f"{line.at_once} at once {_laws_in(line.reason)}".rstrip(),
    )


def _waits(line: Line) -> Iterable[str]:
    """Everything outside that any of it waits for."""
    return dict.fromkeys((*line.after, *(one for step in line.turn for one in step.after)))


def gantt(plan: Plan, width: int) -> str:
    """The steps as bars over time, one line a step, grouped by host.

    A plan of very many steps gets one line a service instead, from its first step to its last.

    Args:
        plan: what is drawn.
        width: columns in all; 40 or more are used.
    """
    if not plan.count_steps():
        return ""
    if plan.lines or len(plan.steps) > _STEPS_DRAWN:
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
    """One bar a service, from its first step to its last, lines included."""
    spans = [
        (step.service or step.action.value, 1, step.start_s, step.end_s) for step in plan.steps
    ]
    spans += [
        (step.service, len(line.hosts), step.start_s, line.end_s)
        for line in plan.lines
        for step in line.turn
    ]
    by_name: dict[str, list[tuple[int, float, float]]] = {}
    for name, steps, start_s, end_s in sorted(spans, key=lambda span: span[2]):
        by_name.setdefault(name, []).append((steps, start_s, end_s))
    names = {
        name: f"{_cut(name, 30)}, {count(sum(one[0] for one in found), 'step')}"
        for name, found in by_name.items()
    }
    label = max(map(len, names.values())) + 2
    room = max(width, 40) - label - 2
    scale = room / max(plan.makespan_s, 0.001)
    lines = [" " * label + _axis(plan.makespan_s, room)]
    for name, found in by_name.items():
        first = min(int(min(start_s for _, start_s, _ in found) * scale), room - 1)
        last = min(max(round(max(end_s for _, _, end_s in found) * scale), first + 1), room)
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
    steps = plan.count_steps()
    lines = [f"Why these {count(steps, 'step')}:" if steps else "No steps."]
    for step in plan.steps:
        lines += ["", f"  {step.id}  ({step.action.value}, from {step.start_s:.1f} s)"]
        lines += _reasons(step.reason)
    for line in plan.lines:
        lines += ["", f"  {line.id}  ({count(len(line.hosts), 'host')})"]
        lines += _reasons(line.reason)
        for step in line.turn:
            lines += [f"    each {step.service} ({step.action.value}):", *_reasons(step.reason)]
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
    left_out = {_ONLY_STALE} if step.service else set[int]()
    if step.action is Action.NEXT_RUN:
        cause = "job"
    elif step.service:
        cause = next((word for sign, word in _CAUSES.items() if sign in step.reason), "failed")
    else:
        cause = "stale" if step.cures else "lock"
    return f"{cause} {_laws_in(step.reason, left_out)}".rstrip()


def _laws_in(reason: str, left_out: Collection[int] = ()) -> str:
    """The numbers of the laws that a reason names."""
    laws = {int(one) for found in _LAWS.findall(reason) for one in re.findall(r"\d+", found)}
    return ",".join(str(law) for law in sorted(laws) if law not in left_out)


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
