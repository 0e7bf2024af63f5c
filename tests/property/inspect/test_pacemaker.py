"""No answer makes the readers of Pacemaker fail unnamed."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from insvc.inspect.pacemaker import Cluster, read_cluster
from insvc.inspect.pacemaker_cib import Cib, read_cib
from insvc.inspect.pacemaker_pids import pid_in

TAGS = st.sampled_from(
    ["summary", "nodes", "node", "resources", "resource", "primitive", "group", "clone", "master",
     "bundle", "template", "instance_attributes", "nvpair", "operations", "op", "constraints",
     "rsc_order", "rsc_colocation", "rsc_location", "date_expression", "node_state", "lrm_resource",
     "lrm_rsc_op", "transient_attributes", "node_history", "resource_history", "current_dc"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["id", "name", "value", "type", "template", "timeout", "first", "then", "rsc", "with-rsc",
     "score", "end", "uname", "call-id", "rc-code", "op-status", "interval", "exec-time", "role",
     "migration-threshold", "resource_agent", "managed", "target_role", "operation"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["", "a", "a:1", "b", "1", "-1", "INFINITY", "20s", "1x", "true", "start", "insvc-stop-a", "²",
     "fail-count-a#start_0", "Promoted", "ocf::heartbeat:x", "systemd:", "9" * 40]
)  # fmt: skip


def element(tag: str, attributes: dict[str, str], below: list[str]) -> str:
    given_ = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"<{tag} {given_}>{''.join(below)}</{tag}>"


DOCUMENTS = st.recursive(
    st.builds(element, TAGS, st.dictionaries(NAMES, VALUES, max_size=5), st.just([])),
    lambda below: st.builds(
        element, TAGS, st.dictionaries(NAMES, VALUES, max_size=5), st.lists(below, max_size=5)
    ),
    max_leaves=15,
)


@given(text=st.one_of(st.text(), DOCUMENTS))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for document in (text, f"<a>{text}<summary/><nodes/><resources>{text}</resources></a>"):
        with suppress(ValueError):
            assert isinstance(read_cluster(document), Cluster)
    for document in (text, f"<cib><resources>{text}</resources>{text}</cib>"):
        with suppress(ValueError):
            assert isinstance(read_cib(document), Cib)


@given(text=st.text())
def test_any_pid_file_is_read_or_holds_none(text: str) -> None:
    found = pid_in(text)
    assert found is None or found > 1
