"""Plans whose hosts are hard to count: steps by hand, each of a service of its host."""

from dataclasses import dataclass, field
from itertools import combinations

from insvc.plan.plan import Plan, Step
from tests.unit.plan.sample import Cloud, entry, fresh

SERVICES = "abcde"


@dataclass
class Puzzle:
    """Steps that are added one by one; every host runs the same services."""

    soak_s: float = 0.0
    steps: list[Step] = field(default_factory=list)

    def add(self, host: str, *after: str, service: str = "a") -> str:
        """One more step; returns its id."""
        name = f"{service}@{host}"
        if any(one.id == name for one in self.steps):
            name = f"{service}.{len(self.steps)}@{host}"
        made = Step(
            id=name,
            host=host,
            entry=service,
            service=service,
            after=after,
            soak_s=self.soak_s if after else 0.0,
            start_s=0.0,
            end_s=0.0,
            reason="added (law 9)",
        )
        self.steps.append(made)
        return name

    @property
    def plan(self) -> Plan:
        """All steps so far."""
        return Plan(steps=tuple(self.steps))

    @property
    def cloud(self) -> Cloud:
        """The hosts of all steps so far."""
        cloud = Cloud(*map(entry, SERVICES))
        for host in dict.fromkeys(step.host for step in self.steps):
            cloud.host(host, *map(fresh, SERVICES))
        return cloud


def rounds(count: int, services: str = "ab", soak_s: float = 0.0) -> Puzzle:
    """Two hosts at a time, two steps at once on each; a first guess hands the slots on wrongly.

    The third of each four hosts waits for two others, the last one for the first, by a long way.
    """
    puzzle = Puzzle(soak_s=soak_s)
    ready: list[str] = []
    for one in range(0, count, 4):
        first, second, third, last = (f"compute-{number}" for number in range(one, one + 4))

        def work(host: str, *after: str) -> list[str]:
            return [puzzle.add(host, *after, service=each) for each in services]

        begun = work(first, *ready)
        both = [*begun, *work(second, *ready)]
        elsewhere = puzzle.add("controller-0", *begun)
        ready = [*work(third, *both), *work(last, elsewhere)]
    return puzzle


def pigeons(holes: int, soak_s: float = 0.0, services: str = "a") -> tuple[Puzzle, int]:
    """One pigeon more than holes; and how many hosts may be held at once, which no search finds.

    A host for each pigeon has a step for each hole; a host for each two pigeons and a hole has a
    step for each of the two, which comes after its being there: all at once would be a place for
    each pigeon alone.
    """
    puzzle = Puzzle(soak_s=soak_s)
    numbers = range(holes + 1)
    there = {
        (one, hole): puzzle.add(f"compute-{one}", service=services[hole % len(services)])
        for one in numbers
        for hole in range(holes)
    }
    hosts = len(numbers)
    for hole in range(holes):
        for pair in combinations(numbers, 2):
            for at, one in enumerate(pair):
                service = services[at % len(services)]
                puzzle.add(f"compute-{hosts}", there[one, hole], service=service)
            hosts += 1
    return puzzle, hosts - 1
