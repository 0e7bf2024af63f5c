"""Whether the process that a pid file names is the service's: a pid alone proves nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """What is known of a process that a pid file names.

    Attributes:
        root, service: the host and the service it was started for, by its environment; absent
            where that does not tell, as of programs that write their title over it.
        programs: the file it executes, and the script it was given.
        is_younger: it was started after its service's start was begun.
        is_in_unit: it belongs to the unit of systemd that is asked for.
        is_vouched_for: who may write the pid file may also end that process.
    """

    root: str | None = None
    service: str | None = None
    programs: frozenset[str] = frozenset()
    is_younger: bool = False
    is_in_unit: bool = False
    is_vouched_for: bool = True


def is_main(marks: Marks, *, root: str, service: str, program: str = "") -> bool:
    """Whether that process is the service's own.

    What it says of itself decides; then the unit it belongs to; then the program where one is
    named; and where nothing else tells, a process must at least be younger than the call that is
    to have started it. A pid that was given to another process meanwhile fails all of these.

    Args:
        marks: of the process.
        root: of the host's files.
        service: its name.
        program: what its main process executes, where that is known.
    """
    if not marks.is_vouched_for:
        return False
    if marks.service is not None:
        return marks.service == service and marks.root == root
    if marks.is_in_unit:
        return True
    return program in marks.programs if program else marks.is_younger
