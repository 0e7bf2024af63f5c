"""Compares what the finders said with the truth of each case: precision, recall, disagreements."""

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lab.corpus.case import Case
from lab.corpus.finders import Answer

LISTS_PIDS_ONLY = {"checkrestart"}
OWNERLESS = ("process:", "cron", "lab-supervisord")
"""Cases whose process has no unit or session of its own: needrestart's mention of it counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """How often one finder was right.

    Attributes:
        finder: its name.
        found: stale cases it blamed.
        missed: stale cases it did not blame.
        alarms: cases it blamed that are not stale.
        unsure: cases that it only suspects, stale or not; they count as not blamed.
        took_s: its wall time in the same run.
    """

    finder: str
    found: tuple[str, ...]
    missed: tuple[str, ...]
    alarms: tuple[str, ...]
    unsure: tuple[str, ...]
    took_s: float

    @property
    def precision(self) -> float:
        """Which part of what it blamed is stale; 1 where it blamed nothing."""
        blamed = len(self.found) + len(self.alarms)
        return len(self.found) / blamed if blamed else 1.0

    @property
    def recall(self) -> float:
        """Which part of what is stale it blamed."""
        return len(self.found) / (len(self.found) + len(self.missed))


def blames(answer: Answer, case: Case, pids: Sequence[int]) -> bool:
    """Whether a finder says that a case runs replaced code.

    By the name of its owner, where the finder gives names; by one of its processes, where the
    finder gives processes. needrestart names owners: a process that it only mentions in passing
    counts for it where there is no owner to name.
    """
    named = any(fnmatch.fnmatch(name, one) for name in answer.names for one in case.owners)
    by_pid = bool(answer.pids & set(pids))
    if answer.finder == "needrestart":
        return named or (by_pid and case.owners[0].startswith(OWNERLESS))
    return named or by_pid


def judge(answer: Answer, cases: Sequence[Case], pids: Mapping[str, Sequence[int]]) -> Score:
    """The score of one finder over the cases."""
    blamed = {case.name for case in cases if blames(answer, case, pids[case.name])}
    stale = [case.name for case in cases if case.stale]
    doubt = replace(answer, names=answer.suspects, pids=answer.suspected)
    unsure = [case.name for case in cases if blames(doubt, case, pids[case.name])]
    return Score(
        finder=answer.finder,
        found=tuple(name for name in stale if name in blamed),
        missed=tuple(name for name in stale if name not in blamed),
        alarms=tuple(case.name for case in cases if case.name in blamed and not case.stale),
        unsure=tuple(name for name in unsure if name not in blamed),
        took_s=answer.took_s,
    )


def misattributed(
    answer: Answer, cases: Sequence[Case], pids: Mapping[str, Sequence[int]]
) -> list[str]:
    """Stale cases that a finder saw by pid, but blamed on an owner of another name."""
    wrong = []
    for case in cases:
        named = any(fnmatch.fnmatch(name, one) for name in answer.names for one in case.owners)
        if case.stale and not named and answer.pids & set(pids[case.name]):
            wrong.append(case.name)
    return wrong


def table(cases: Sequence[Case], scores: Sequence[Score]) -> str:
    """The corpus as a Markdown table: each case, its truth, what each finder said."""
    lines = [
        "| case | how it is made | truth | " + " | ".join(score.finder for score in scores) + " |",
        "|---|---|---|" + "---|" * len(scores),
    ]
    for case in cases:
        cells = [_cell(case, score) for score in scores]
        truth = "stale" if case.stale else "current"
        lines.append(f"| `{case.name}` | {case.about} | {truth} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(case: Case, score: Score) -> str:
    if case.name in score.missed:
        return "**missed**, suspected" if case.name in score.unsure else "**missed**"
    if case.name in score.alarms:
        return "**false alarm**"
    if case.name in score.unsure:
        return "no, suspected"
    return "yes" if case.stale else "no"


def figures(cases: Sequence[Case], scores: Sequence[Score]) -> str:
    """Precision and recall of each finder as a Markdown table."""
    stale = sum(case.stale for case in cases)
    lines = [
        f"{len(cases)} cases: {stale} stale, {len(cases) - stale} current.",
        "",
        "| finder | precision | recall | false alarms | missed | suspected only |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.finder} | {one.precision:.2f} | {one.recall:.2f} | {len(one.alarms)} | "
        f"{len(one.missed)} | {len(one.unsure)} |"
        for one in scores
    ]
    return "\n".join(lines)


def disagreements(cases: Sequence[Case], scores: Sequence[Score]) -> str:
    """Each case that a finder got wrong, who did, and what makes it hard."""
    lines = []
    for case in cases:
        wrong = [one.finder for one in scores if case.name in {*one.missed, *one.alarms}]
        if wrong:
            what = "missed by" if case.stale else "blamed wrongly by"
            why = case.why or "an ordinary case"
            lines.append(f"* `{case.name}`, {what} {' and '.join(wrong)}: {why}.")
    return "\n".join(lines)
