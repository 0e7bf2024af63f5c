"""Jobs beside the loop."""

import threading

from insvc.agent.errands import Errands, Job
from insvc.agent.loop import Loop
from insvc.errors import WorldError
from tests.fakes.host_folder import looping, until


def test_jobs_are_done_in_order_and_heard_in_the_loop_s_thread() -> None:
    loop = Loop()
    errands = Errands(loop)
    heard: list[tuple[object, int]] = []
    with looping(loop):
        loop_thread = loop.call(threading.get_ident)

        def job(number: int) -> Job:
            return lambda: (number, threading.get_ident() == loop_thread)

        for number in range(3):
            errands.run(job(number), lambda told: heard.append((told, threading.get_ident())))
        until(lambda: len(heard) == 3)
    assert heard == [((number, False), loop_thread) for number in range(3)]
    errands.end()


def test_a_fault_of_ours_is_an_answer_too() -> None:
    loop = Loop()
    errands = Errands(loop)
    heard: list[object] = []
    fault = WorldError("x", "is gone", next_act="look")

    def fail() -> None:
        raise fault

    with looping(loop):
        errands.run(fail, heard.append)
        errands.run(lambda: "next", heard.append)
        until(lambda: len(heard) == 2)
    assert heard == [fault, "next"]
    errands.end()
