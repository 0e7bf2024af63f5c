"""Which script an interpreter runs."""

import pytest

from insvc.inspect.scripts import script_of

RUNS = {
    "python -I -S -B /srv/root/usr/bin/cinder-api --port 1": "/srv/root/usr/bin/cinder-api",
    "/usr/bin/python3.11 -W ignore -X dev app.py": "app.py",
    "python3 -- -odd": "-odd",
    "/usr/bin/perl -w -I lib /usr/bin/tool": "/usr/bin/tool",
    "ruby2.7 -r json tool.rb": "tool.rb",
    "/bin/sh -e /etc/init.d/x start": "/etc/init.d/x",
    "bash -o pipefail run.sh": "run.sh",
    "dash +o nounset run.sh": "run.sh",
    "node --require ./hook.js server.js": "server.js",
    "/usr/bin/java -cp a.jar -jar /usr/share/app.jar": "/usr/share/app.jar",
}
RUNS_NONE = [
    "",
    "/usr/sbin/haproxy -f /etc/haproxy.cfg",
    "cinder-api: worker 1",
    "python3 -m insvc.agent /srv/host",
    "python3 -c pass",
    "python3 -Ic pass",
    "python3 -",
    "python3",
    "python3 --",
    "perl -we print",
    "sh -c true",
    "bash -ec true",
    "java -cp a.jar Main",
    "java -jar",
    "ruby -r",
]


@pytest.mark.parametrize(("command", "script"), RUNS.items())
def test_the_file_that_an_interpreter_was_given_is_found(command: str, script: str) -> None:
    assert script_of(command.split()) == script


@pytest.mark.parametrize("command", RUNS_NONE)
def test_no_file_is_found_where_none_is_run(command: str) -> None:
    assert script_of(command.split()) is None
