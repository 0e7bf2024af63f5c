"""One restart, against a supervisord that plays a story."""

from collections.abc import Sequence

from insvc.adapters.supervisord import Supervisord
from insvc.adapters.supervisord_act import RestartAct
from insvc.adapters.supervisord_rpc import Refused, Rpc
from insvc.inspect.supervisord import ALREADY_STARTED, NOT_RUNNING, Access, Program
from insvc.model.restart import Order, Restarted
from insvc.model.words import Manager

RUNS = Program(name="web", state=20, pid=7)


class StoryRpc(Rpc):
    """Answers each look with the next state and pid; other questions as told."""

    def __init__(self, states: Sequence[tuple[int, int]], faults: dict[str, int]) -> None:
        super().__init__(Access(socket="/none"))
        self._states = list(states)
        self._faults = faults
        self.asked: list[str] = []

    def ask(self, method: str, *_arguments: str | bool, timeout_s: float = 5.0) -> object:
        del timeout_s
        name = method.partition(".")[2]
        if name == "getProcessInfo":
            state, pid = self._states.pop(0) if len(self._states) > 1 else self._states[0]
            return {"name": "web", "group": "web", "state": state, "pid": pid}
        self.asked.append(name)
        if name in self._faults:
            raise Refused(self._faults[name], f"refused {name}")
        return True


def act(rpc: StoryRpc, before: Program = RUNS, timeout_s: float = 9.0) -> Restarted:
    order = Order(service="web", timeout_s=timeout_s)
    return RestartAct(rpc, order, lambda _s: None).carry_out(before)


def test_it_is_stopped_started_and_seen_through() -> None:
    rpc = StoryRpc([(40, 7), (0, 0), (0, 0), (10, 8), (20, 8)], {})
    told = act(rpc)
    assert (told.done, told.said) == (True, "running as pid 8")
    assert rpc.asked == ["stopProcess", "startProcess"]
    assert set(told.times) == {"stopped", "started", "ready"}


def test_one_that_was_down_is_started_alone() -> None:
    rpc = StoryRpc([(200, 0), (20, 8)], {})
    assert act(rpc, Program(name="web", state=200)).done
    assert rpc.asked == ["startProcess"]


def test_one_that_ended_or_began_meanwhile_is_no_fault() -> None:
    faults = {"stopProcess": NOT_RUNNING, "startProcess": ALREADY_STARTED}
    assert act(StoryRpc([(100, 0), (100, 0), (20, 8)], faults)).done


def test_a_refusal_is_told() -> None:
    told = act(StoryRpc([(0, 0)], {"startProcess": 21}))
    assert (told.done, told.said) == (False, "refused startProcess")
    told = act(StoryRpc([(0, 0)], {"stopProcess": 30}))
    assert (told.done, told.said) == (False, "refused stopProcess")


def test_one_that_is_not_running_in_time_is_told_as_late() -> None:
    told = act(StoryRpc([(0, 0), (0, 0), (10, 8)], {}), timeout_s=0.0)
    assert not told.done
    assert told.said.startswith("within 0 s not running: supervisord says state 10: ")


def test_the_same_process_is_no_restart() -> None:
    told = act(StoryRpc([(0, 0), (20, 7)], {}))
    assert (told.done, told.said) == (False, "runs on as pid 7, expected a new process")


def test_it_speaks_as_supervisord() -> None:
    assert Supervisord.kind is Manager.SUPERVISORD
