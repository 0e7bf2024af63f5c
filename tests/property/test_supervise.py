"""Laws of supervision, whatever happens in whatever order."""

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.model.act import DrainRule
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager, Role
from insvc.supervise import pmon, sm
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.unit import Do, Duty, Event, Unit, launched

NAMES = ("db", "api", "web", "front")
NEEDS = {"api": ("db",), "web": ("api",), "front": ("api", "db")}
ALIVE = {"sm": {"enabling", "enabled-active", "disabling", "ending"},
         "pmon": {"starting", "running", "stopping", "ending"}}  # fmt: skip
UP = {"sm": "enabled-active", "pmon": "running"}


def first_units(manager: Manager, on_timeout: str) -> dict[str, Unit]:
    return {
        name: Unit(
            definition=ServiceDefinition(
                name=name,
                manager=manager,
                package=name,
                command=("p",),
                pidfile=f"run/{name}.pid",
                depends_on=NEEDS.get(name, ()) if manager is Manager.SM else (),
                runs_when="active" if name == "front" else "always",
                drain=DrainRule(timeout_s=2.0, on_timeout=on_timeout),
                restarts=2,
            ),
            state="disabled" if manager is Manager.SM else "stopped",
        )
        for name in NAMES
    }


@dataclass
class World:
    """A manager whose programs do what the test says, on a clock that the test turns."""

    manager: Manager
    units: dict[str, Unit]
    duty: Duty = field(default_factory=lambda: Duty(role=Role.ACTIVE))
    now: float = 0.0
    pids: int = 0
    alive: dict[str, int] = field(default_factory=dict)

    def feed(self, name: str, event: Event) -> None:
        machine = sm if self.manager is Manager.SM else pmon
        unit, actions = machine.advance(self.units[name], event, self.now)
        self.units[name] = unit
        for action in actions:
            self.carry_out(name, action)

    def carry_out(self, name: str, action: Do) -> None:
        if action is Do.LAUNCH:
            assert name not in self.alive, "one owner never runs two"
            assert self.duty.wants(self.units[name].definition), "nothing unwanted is started"
            for need in self.units[name].definition.depends_on:
                assert self.units[need].state == UP[self.manager], "needs are up first"
            self.pids += 1
            self.alive[name] = self.pids
            main = ProcessIdentity(boot_id="b", pid=self.pids, start_ticks=self.pids)
            self.units[name] = launched(self.units[name], main, self.now)
        if action is Do.SIGNAL:
            assert not self.units[name].registered, "unregistered before it is signalled"

    def settle(self) -> None:
        for _ in range(100):
            if self.manager is Manager.SM:
                self.duty = sm.release(self.duty, self.units)
                wishes = sm.decide(self.duty, self.units)
            else:
                wishes = pmon.decide(self.duty, self.units)
            if not wishes:
                return
            for name, event in wishes:
                self.feed(name, event)
        raise AssertionError("the manager never comes to rest")

    def die(self, name: str) -> None:
        if self.alive.pop(name, None) is not None:
            self.feed(name, Event.EXITED)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for name in NAMES:
            for event, at in self.units[name].due:
                if at <= self.now:
                    self.feed(name, event)

    def check(self) -> None:
        for name, unit in self.units.items():
            assert (unit.main is not None) == (name in self.alive)
            if name in self.alive:
                assert unit.state in ALIVE[self.manager]
                assert unit.main is not None
                assert unit.main.pid == self.alive[name]


ACTS = st.one_of(
    st.tuples(st.just("die"), st.sampled_from(NAMES)),
    st.tuples(st.just("ready"), st.sampled_from(NAMES)),
    st.tuples(st.just("late"), st.sampled_from(NAMES)),
    st.tuples(st.just("stop"), st.sampled_from(NAMES)),
    st.tuples(st.just("hold"), st.sampled_from(NAMES)),
    st.tuples(st.just("time"), st.sampled_from(["0.1", "1", "5", "60"])),
    st.tuples(st.just("role"), st.sampled_from(["active", "standby"])),
    st.tuples(st.just("lock"), st.sampled_from(["", "locked"])),
)


def do(world: World, act: str, what: str) -> None:
    if act == "die":
        world.die(what)
    elif act in {"ready", "late"}:
        world.feed(what, Event.READY if act == "ready" else Event.NOT_READY)
    elif act == "stop":
        world.feed(what, Event.STOP)
    elif act == "time":
        world.pass_time(float(what))
    elif act == "hold" and world.manager is Manager.SM:
        world.duty = sm.hold(world.duty, world.units, what)
    elif act == "role":
        world.duty = replace(world.duty, role=Role(what))
    elif act == "lock":
        world.duty = replace(world.duty, locked=bool(what))


def bring_to_rest(world: World) -> None:
    """Let every stop and every start succeed until nothing more happens."""
    world.duty = replace(world.duty, locked=False, role=Role.ACTIVE)
    for _ in range(60):
        world.settle()
        for name in NAMES:
            state = world.units[name].state
            if state in {"stopping", "disabling", "ending"}:
                world.die(name)
            elif name in world.alive:
                world.feed(name, Event.READY)
        world.pass_time(100.0)


@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(
    manager=st.sampled_from([Manager.PMON, Manager.SM]),
    on_timeout=st.sampled_from(["kill", "leave"]),
    acts=st.lists(ACTS, max_size=40),
)
def test_whatever_happens_one_owner_runs_one_process_of_what_is_wanted(
    manager: Manager, on_timeout: str, acts: list[tuple[str, str]]
) -> None:
    world = World(manager, first_units(manager, on_timeout))
    world.settle()
    for act, what in acts:
        do(world, act, what)
        world.settle()
        world.check()
    bring_to_rest(world)
    assert {unit.state for unit in world.units.values()} == {UP[manager]}
    assert {unit.failures for unit in world.units.values()} == {0}
