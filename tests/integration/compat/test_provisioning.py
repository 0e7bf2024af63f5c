"""What the commands take into use and out of it on a running cloud."""

import pytest

from tests.fakes.host_shell import Shell

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def test_a_service_out_of_use_is_down_and_not_shown_until_it_is_back(controller: Shell) -> None:
    row = "service-group-member vim-services vim-webserver"
    told = controller.run(f"sm-deprovision {row} --apply")
    assert (told.returncode, told.stdout) == (0, f"{row} is not in use from now on\n")
    query = "sm-query service vim-webserver"
    assert controller.run(query).returncode == 3
    assert "vim-webserver" not in controller.run("sm-dump").stdout
    assert controller.run("sm-restart service vim-webserver").returncode == 0
    told = controller.run(f"sm-provision {row} --apply")
    assert (told.returncode, told.stdout) == (0, f"{row} is in use from now on\n")
    for _ in range(600):
        if controller.run(query).stdout == "vim-webserver is enabled-active\n":
            break
    assert controller.run(query).stdout == "vim-webserver is enabled-active\n"


def test_a_change_without_apply_waits_for_the_next_start(controller: Shell) -> None:
    told = controller.run("sm-deprovision service panko-api")
    assert told.returncode == 0
    assert told.stdout.endswith("from the next start of sm on; with --apply at once\n")
    assert controller.run("sm-provision service panko-api").returncode == 0


def test_what_is_unknown_or_would_contradict_itself_is_refused(controller: Shell) -> None:
    unknown = controller.run("sm-provision service-group nothing")
    assert (unknown.returncode, unknown.stdout) == (3, "")
    assert "use one of: cloud-services" in unknown.stderr
    twice = controller.run("sm-provision service-group-member web-services vim")
    assert (twice.returncode, twice.stdout) == (7, "")
    assert "vim: is a member of vim-services, web-services" in twice.stderr


@pytest.mark.parametrize(
    "line",
    [
        "sm-provision service-group-member vim-services",
        "sm-deprovision service a b",
        "sm-provision x",
    ],
)
def test_a_call_of_another_form_is_a_fault_of_use(controller: Shell, line: str) -> None:
    assert controller.run(line).returncode == 2
