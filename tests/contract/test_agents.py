"""The port `Agents`, on the cloud in memory and through the sockets of a cloud directory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from insvc.adapters.agent_client import UnixAgents
from insvc.errors import AgentUnreachable, StaleEpoch, UnknownName, WorldError
from insvc.model.act import DrainRule, Intent, PackageChange
from insvc.model.observation import HostObservation, Instance, ProcessIdentity
from insvc.model.words import Action, InstanceState, Manager, Role, Verdict
from insvc.ports import Agents
from tests.fakes.agent_socket import served
from tests.fakes.agents import FakeAgents

CHANGE = PackageChange(package="cinder", from_version="1.0-1", to_version="1.0-2", path="/c.deb")
Story = Callable[[Agents, FakeAgents], Awaitable[None]]


def cloud() -> FakeAgents:
    """A cloud of one host with one service."""
    instance = Instance(
        service="cinder-api",
        manager=Manager.SM,
        package="cinder",
        version="1.0-1",
        processes=(ProcessIdentity(boot_id="b", pid=7, start_ticks=1),),
    )
    host = HostObservation(host="c0", role=Role.ACTIVE, instances=(instance,), packages={"a": "1"})
    return FakeAgents([host])


def intent(step: str = "cinder-api@c0", *, attempt: int = 1, epoch: int = 1) -> Intent:
    """A restart."""
    return Intent(
        run="r1",
        step=step,
        attempt=attempt,
        epoch=epoch,
        action=Action.RESTART,
        service="cinder-api",
        drain=DrainRule(timeout_s=1.0),
    )


@pytest.fixture(params=["in memory", "over sockets"])
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Story], None]:
    """Runs a story with agents reached in one of the two ways."""

    @asynccontextmanager
    async def reached(fake: FakeAgents) -> AsyncIterator[Agents]:
        if request.param == "in memory":
            yield fake
        else:
            async with served(tmp_path, fake):
                yield UnixAgents(tmp_path)

    async def told(story: Story) -> None:
        fake = cloud()
        async with reached(fake) as agents:
            await story(agents, fake)

    return lambda story: asyncio.run(told(story))


def test_an_observation_arrives_whole(play: Callable[[Story], None]) -> None:
    async def story(agents: Agents, fake: FakeAgents) -> None:
        assert await agents.observe("c0") == await fake.observe("c0")

    play(story)


def test_an_installed_package_makes_stale_and_a_restart_cures(
    play: Callable[[Story], None],
) -> None:
    async def story(agents: Agents, fake: FakeAgents) -> None:
        assert "cinder" in await agents.install("c0", 1, [CHANGE])
        assert fake.installed == [("c0", (CHANGE,))]
        seen = (await agents.observe("c0")).instances[0]
        assert seen.verdict is Verdict.STALE
        facts = await agents.perform("c0", intent())
        assert facts.manager_done
        assert facts.state is InstanceState.RUNNING
        assert facts.before == seen.processes
        assert set(facts.after).isdisjoint(facts.before)
        assert (await agents.observe("c0")).instances[0].verdict is Verdict.CURRENT

    play(story)


def test_the_same_attempt_is_never_carried_out_twice(play: Callable[[Story], None]) -> None:
    async def story(agents: Agents, fake: FakeAgents) -> None:
        first = await agents.perform("c0", intent())
        assert await agents.perform("c0", intent()) == first
        assert fake.restarts["cinder-api@c0"] == 1
        await agents.perform("c0", intent(attempt=2))
        assert fake.restarts["cinder-api@c0"] == 2

    play(story)


def test_an_act_is_recalled_and_one_that_never_began_is_nothing(
    play: Callable[[Story], None],
) -> None:
    async def story(agents: Agents, _: FakeAgents) -> None:
        facts = await agents.perform("c0", intent())
        assert await agents.recall("c0", "r1", "cinder-api@c0", 1) == facts
        assert await agents.recall("c0", "r1", "cinder-api@c0", 2) is None

    play(story)


def test_an_act_that_broke_off_is_recalled_as_unknown(play: Callable[[Story], None]) -> None:
    async def story(agents: Agents, fake: FakeAgents) -> None:
        fake.dies_during.add("cinder-api@c0")
        with pytest.raises(AgentUnreachable):
            await agents.perform("c0", intent())
        facts = await agents.recall("c0", "r1", "cinder-api@c0", 1)
        assert facts is not None
        assert (facts.manager_done, facts.said) == (False, "unknown")

    play(story)


def test_a_lower_epoch_is_refused(play: Callable[[Story], None]) -> None:
    async def story(agents: Agents, fake: FakeAgents) -> None:
        await agents.install("c0", 5, [CHANGE])
        with pytest.raises(StaleEpoch, match="epoch 4"):
            await agents.perform("c0", intent(epoch=4))
        with pytest.raises(StaleEpoch):
            await agents.install("c0", 4, [CHANGE])
        assert not fake.restarts

    play(story)


def test_a_refused_installation_says_why(play: Callable[[Story], None]) -> None:
    async def story(agents: Agents, fake: FakeAgents) -> None:
        fake.refuses_install.add("c0")
        with pytest.raises(WorldError, match="c0: dpkg ended with 1") as caught:
            await agents.install("c0", 1, [CHANGE])
        assert caught.value.next_act == "mend the package"

    play(story)


def test_a_silent_host_is_unreachable_whatever_is_asked(play: Callable[[Story], None]) -> None:
    async def story(agents: Agents, fake: FakeAgents) -> None:
        fake.unreachable.add("c0")
        for asked in (
            agents.observe("c0"),
            agents.perform("c0", intent()),
            agents.recall("c0", "r1", "s", 1),
            agents.install("c0", 1, [CHANGE]),
        ):
            with pytest.raises(AgentUnreachable):
                await asked

    play(story)


def test_a_host_that_the_cloud_does_not_have_is_named(play: Callable[[Story], None]) -> None:
    async def story(agents: Agents, _: FakeAgents) -> None:
        with pytest.raises(UnknownName, match="c9"):
            await agents.observe("c9")

    play(story)
