"""`insvc.inspect.ocf_manual`: what resource agents tell of themselves."""

import pytest

from insvc.inspect.ocf_manual import read_manual

TEXT = """notice from a library
<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="Dummy" version="0.9">
<parameters>
<parameter name="state" unique="1"><content type="string" default="/run/x" /></parameter>
<parameter name="ip" required="1"/>
<parameter/>
</parameters>
<actions>
<action name="start" timeout="20s" />
<action name="stop" timeout="2min" />
<action name="monitor" depth="0" timeout="20" interval="10s" />
<action name="monitor" depth="10" timeout="30000ms" />
<action name="monitor" depth="20" />
<action name="meta-data" timeout="soon" />
</actions>
</resource-agent>
and a last word
"""


def test_actions_their_times_and_parameters_are_told() -> None:
    manual = read_manual(TEXT)
    assert manual.name == "Dummy"
    assert manual.timeouts_s == {"start": 20.0, "stop": 120.0, "monitor": 30.0, "meta-data": None}
    assert manual.required == ("ip",)
    assert manual.parameters == ("state", "ip")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no <resource-agent>"),
        ("</resource-agent><resource-agent>", "no <resource-agent>"),
        ('<resource-agent name="x"><b></resource-agent>', "is no XML"),
        (TEXT.replace("<!DOCTYPE", "<!ENTITY a 'b'><!DOCTYPE"), "entities"),
    ],
)
def test_what_is_no_such_text_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_manual(text)
