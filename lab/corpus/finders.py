"""Three finders of stale code, asked on one host in one run: what each blames, by name and pid."""

import json
import re
from dataclasses import dataclass

from lab.host import Host


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one finder said.

    Attributes:
        finder: its name and version.
        names: units, sessions, containers that it says run replaced code.
        pids: processes that it says so of.
        took_s: its wall time.
        text: all it printed.
    """

    finder: str
    names: frozenset[str]
    pids: frozenset[int]
    took_s: float
    text: str


def ask_insvc(host: Host) -> Answer:
    """`insvc scan --json`: instances whose verdict is stale, and the pids in their evidence."""
    done = host.run("insvc scan --json", check=False, limit_s=120)
    try:
        hosts = json.loads(done.output)["hosts"]
    except (ValueError, KeyError):
        hosts = []
    stale = [one for seen in hosts for one in seen["instances"] if one["verdict"] == "stale"]
    return Answer(
        finder="insvc",
        names=frozenset(one["service"] for one in stale),
        pids=frozenset(
            sign["pid"] for one in stale for sign in one["evidence"] if sign.get("pid") is not None
        ),
        took_s=done.took_s,
        text=done.output + done.errors,
    )


def ask_needrestart(host: Host) -> Answer:
    """`needrestart -b -v -r l`: its lines of results; pids from its messages on each process."""
    done = host.run("needrestart -b -v -r l", check=False, limit_s=300)
    text = done.output + done.errors
    names = set(re.findall(r"^NEEDRESTART-SVC: (.*)$", text, re.MULTILINE))
    names |= {
        f"{kind}: {name}"
        for kind, name in re.findall(r"^NEEDRESTART-(SESS|CONT): (.*)$", text, re.MULTILINE)
    }
    blamed = r"#(\d+) uses (?:obsolete|deleted|non-existing|newer)"
    return Answer(
        finder="needrestart",
        names=frozenset(names),
        pids=frozenset(map(int, re.findall(blamed, text))),
        took_s=done.took_s,
        text=text,
    )


def ask_checkrestart(host: Host) -> Answer:
    """`checkrestart -m`: the processes it lists, with and without a service."""
    done = host.run("checkrestart -m", check=False, limit_s=300)
    pids = re.findall(r"^(?:SERVICE|OTHER):[^,]*,(\d+),", done.output, re.MULTILINE)
    return Answer(
        finder="checkrestart",
        names=frozenset(),
        pids=frozenset(map(int, pids)),
        took_s=done.took_s,
        text=done.output + done.errors,
    )
