"""`insvc.adapters.ocf_agent`: agents that are run for real."""

from pathlib import Path

import pytest

from insvc.adapters.ocf_agent import OcfAgent
from insvc.errors import InputError, UnknownName, WorldError
from insvc.supervise.exit_codes import Answer

AGENT = """#!/bin/sh
state="$OCF_RESKEY_state"
case "$1" in
  start) touch "$state" ;;
  stop) [ -e "$state" ] || exit 7; rm -f "$state" ;;
  monitor) [ -e "$state" ] || exit 7; [ "$OCF_CHECK_LEVEL" = 0 ] || exit 190 ;;
  validate-all) env; [ -n "$state" ] || exit 6 ;;
  meta-data) echo '<resource-agent name="Own"><actions><action name="start" timeout="5"/>'
             echo '</actions></resource-agent>' ;;
  slow) sleep 100 ;;
  *) exit 3 ;;
esac
"""


@pytest.fixture
def agent(tmp_path: Path) -> OcfAgent:
    folder = tmp_path / "resource.d/own"
    folder.mkdir(parents=True)
    (folder / "Own").write_text(AGENT)
    (folder / "Own").chmod(0o755)
    return OcfAgent(
        provider="own",
        kind="Own",
        instance="first",
        parameters={"state": str(tmp_path / "state")},
        root=tmp_path,
    )


def test_a_resource_is_started_looked_at_and_stopped(agent: OcfAgent) -> None:
    said = [agent.run(one, 20.0).answer for one in ("monitor", "start", "monitor", "stop", "stop")]
    assert said == [
        Answer.NOT_RUNNING,
        Answer.DONE,
        Answer.RUNNING,
        Answer.DONE,
        Answer.DONE,
    ]


def test_a_closer_look_may_see_what_is_likely_to_fail(agent: OcfAgent) -> None:
    agent.run("start", 20.0)
    spoken = agent.run("monitor", 20.0, depth=10)
    assert spoken.answer is Answer.DEGRADED
    assert spoken.answer.serves


def test_the_agent_is_told_of_its_resource(agent: OcfAgent, tmp_path: Path) -> None:
    assert agent.run("validate-all", 7.5).answer is Answer.DONE
    (tmp_path / "resource.d/own/Own").write_text(f"#!/bin/sh\nenv > {tmp_path}/env\n")
    agent.run("start", 7.5)
    lines = (tmp_path / "env").read_text().splitlines()
    assert {
        f"OCF_ROOT={tmp_path}",
        "OCF_RESOURCE_INSTANCE=first",
        "OCF_RESOURCE_TYPE=Own",
        "OCF_RESOURCE_PROVIDER=own",
        "OCF_RESKEY_CRM_meta_timeout=7500",
        f"OCF_RESKEY_state={tmp_path}/state",
    } <= set(lines)


def test_an_agent_that_does_not_end_is_ended(agent: OcfAgent) -> None:
    assert agent.run("slow", 0.3).answer is Answer.TIMED_OUT


def test_an_action_it_does_not_have_is_told(agent: OcfAgent) -> None:
    spoken = agent.run("dance", 20.0)
    assert spoken == (Answer.UNIMPLEMENTED, "ended with status 3")


def test_it_tells_of_itself(agent: OcfAgent, tmp_path: Path) -> None:
    assert agent.manual().timeouts_s == {"start": 5.0}
    file = tmp_path / "resource.d/own/Own"
    file.write_text("#!/bin/sh\necho none\n")
    with pytest.raises(WorldError, match="no <resource-agent>"):
        agent.manual()
    file.write_text("#!/bin/sh\nexit 5\n")
    with pytest.raises(WorldError, match="lacks a program"):
        agent.manual()


def test_an_agent_that_others_may_write_is_not_run(agent: OcfAgent) -> None:
    agent.path.chmod(0o777)
    with pytest.raises(WorldError, match="may be written by others"):
        agent.run("start", 20.0)
    assert not Path(agent.parameters["state"]).exists()


def test_an_agent_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="ocf:own:Absent"):
        OcfAgent(provider="own", kind="Absent", instance="x", root=tmp_path).run("start", 1.0)


@pytest.mark.parametrize("name", ["../own", "", "a/b", ".hidden"])
def test_a_name_leads_nowhere_else(name: str, tmp_path: Path) -> None:
    for provider, kind in ((name, "Own"), ("own", name)):
        with pytest.raises(InputError, match="no plain word"):
            OcfAgent(provider=provider, kind=kind, instance="x", root=tmp_path).run("start", 1.0)


@pytest.mark.parametrize("parameters", [{"a b": "x"}, {"": "x"}, {"a": "x\0"}])
def test_parameters_that_cannot_be_passed_on_are_refused(
    agent: OcfAgent, parameters: dict[str, str]
) -> None:
    bad = OcfAgent(provider="own", kind="Own", instance="x", parameters=parameters, root=agent.root)
    with pytest.raises(InputError, match="as parameter"):
        bad.run("start", 1.0)
