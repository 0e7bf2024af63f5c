"""How an engine finds out whether a service is ready, or still answers; answers come as events."""

import threading
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from typing import Protocol

from insvc.adapters.launcher import Launcher
from insvc.agent.asking import Asker, Words
from insvc.agent.loop import Loop
from insvc.agent.readiness import is_ok
from insvc.supervise.exit_codes import Grade
from insvc.supervise.unit import Event, Unit


class Hands(Protocol):
    """Who knows a service that has no port to be asked by."""

    def find_main(self, name: str) -> bool:
        """Whether its main process is known, or it has none."""
        ...

    def is_ready(self, unit: Unit) -> Grade | None:
        """How well it serves, nothing where it is not ready; a script may take its time."""
        ...

    def is_alive(self, unit: Unit) -> Grade | None:
        """How well it answers, nothing where it does not; a script may take its time."""
        ...


class Within(Protocol):
    """What looks need of the engine they work for."""

    loop: Loop
    launcher: Launcher

    @property
    def units(self) -> MutableMapping[str, Unit]:
        """What is known of each service."""
        ...

    def feed(self, name: str, event: Event) -> None:
        """Let an event happen to a service now."""
        ...

    def later(self, name: str, event: Event) -> None:
        """Let an event happen to a service after the one in hand."""
        ...


class Looks:
    """Looks at services: by port without waiting, by pid file at once, by script in a thread.

    Args:
        engine: what they are for.
        hands_of: who knows a service of that name.
    """

    def __init__(self, engine: Within, hands_of: Callable[[str], Hands]) -> None:
        self._engine = engine
        self._hands_of = hands_of
        self._asker = Asker(engine.loop)

    def look(self, name: str) -> None:
        """Find out whether it is ready."""
        hands = self._hands_of(name)
        if hands.find_main(name):
            self._ask(name, is_ok, hands.is_ready, (Event.READY, Event.NOT_READY))
        else:
            self._engine.later(name, Event.NOT_READY)

    def audit(self, name: str) -> None:
        """Find out whether it still answers: anything at all."""
        self._ask(name, bool, self._hands_of(name).is_alive, (Event.ALIVE, Event.SILENT))

    def _ask(
        self,
        name: str,
        judge: Callable[[Words], bool],
        ask: Callable[[Unit], Grade | None],
        events: tuple[Event, Event],
    ) -> None:
        """Ask, and let the answer happen to the service.

        Args:
            name: of the service.
            judge: whether the first line of an answer over HTTP is a good one.
            ask: how well one without a port serves.
            events: what a good and what a bad answer is to the service.
        """
        engine, (good, bad) = self._engine, events
        unit = engine.units[name]
        endpoint, path = engine.launcher.endpoint(unit.definition), unit.definition.health_path

        def judge_words(words: Words | None) -> None:
            is_good = words is not None and (path is None or judge(words))
            self.hear(unit, good if is_good else bad)

        def ask_and_post() -> None:
            grade = ask(unit)
            event = bad if grade is None else good
            engine.loop.post(lambda: self.hear(unit, event, grade))

        if endpoint is not None:
            self._asker.ask(endpoint, path, judge_words)
        elif unit.definition.script is None:
            engine.later(name, bad if ask(unit) is None else good)
        else:
            threading.Thread(target=ask_and_post, daemon=True).start()

    def answers(self, unit: Unit, then: Callable[[bool], object]) -> None:
        """Tell later whether a service answers at all, by its port or its script; whatever it is.

        Of one that has neither it is told that it does not.
        """
        engine = self._engine
        endpoint, path = engine.launcher.endpoint(unit.definition), unit.definition.health_path
        is_alive = self._hands_of(unit.definition.name).is_alive

        def ask_and_post() -> None:
            answer = is_alive(unit) is not None
            engine.loop.post(lambda: then(answer))

        if endpoint is not None:
            self._asker.ask(
                endpoint, path, lambda words: then(words is not None and (not path or bool(words)))
            )
        elif unit.definition.script is not None:
            threading.Thread(target=ask_and_post, daemon=True).start()
        else:
            engine.loop.post(lambda: then(False))

    def hear(self, asked: Unit, event: Event, grade: Grade | None = None) -> None:
        """Take an answer for one of this start and this state, or drop it."""
        name = asked.definition.name
        now = self._engine.units.get(name)
        if now is not None and now.main == asked.main and now.state == asked.state:
            if grade not in {None, now.grade}:
                self._engine.units[name] = replace(now, grade=grade or now.grade)
            self._engine.feed(name, event)
