"""What only another boot replaces, in the form of instances."""

from insvc.inspect.boot import BootAccount, joined, loaded, request
from insvc.model.words import EvidenceKind, InstanceState, Manager, Verdict


def test_what_was_loaded_at_boot_runs_without_a_manager() -> None:
    one = loaded("kernel")
    assert (one.service, one.manager, one.state) == ("kernel", Manager.NONE, InstanceState.RUNNING)
    assert one.verdict is Verdict.CURRENT


def test_accounts_are_joined_in_order() -> None:
    one = BootAccount(instances=(loaded("kernel"),), unseen=("a",))
    other = BootAccount(instances=(loaded("microcode"),), unseen=("b",), beyond=("c",))
    both = joined([one, other])
    assert [each.service for each in both.instances] == ["kernel", "microcode"]
    assert (both.unseen, both.beyond) == (("a", "b"), ("c",))


def test_a_request_names_each_package_once() -> None:
    one = request("linux-image-6.1.0-26-amd64\n\n dbus \nlinux-image-6.1.0-26-amd64\n")
    assert (one.service, one.verdict) == ("reboot", Verdict.SUSPECT)
    (sign,) = one.evidence
    assert sign.kind is EvidenceKind.REQUESTED
    assert sign.found == "a reboot is asked for by linux-image-6.1.0-26-amd64, dbus"


def test_a_request_without_names_is_one_all_the_same() -> None:
    assert request("").evidence[0].found == "a reboot is asked for"
    assert request("a\x1b[31m\n").evidence[0].found == "a reboot is asked for"


def test_a_long_request_is_cut() -> None:
    found = request("\n".join(f"p{number}" for number in range(25))).evidence[0].found
    assert found.endswith("p19 and 5 more")
