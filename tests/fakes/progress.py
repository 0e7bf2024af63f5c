"""A progress that remembers what it was told."""


class FakeProgress:
    """Port `Progress` in memory.

    Attributes:
        lines: everything it was told, one line each, in order.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []

    def step_started(self, step_id: str, attempt: int) -> None:
        """A step's intent was written."""
        self.lines.append(f"{step_id} started ({attempt})")

    def step_ended(self, step_id: str, outcome: str, why: str, outage_s: float | None) -> None:
        """A step's outcome was written."""
        self.lines.append(f"{step_id} ended {outcome}: {why}; outage {outage_s}")

    def said(self, line: str) -> None:
        """Something worth a line happened."""
        self.lines.append(line)
