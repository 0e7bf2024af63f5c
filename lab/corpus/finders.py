"""Three finders of stale code, asked on one host in one run: what each blames, by name and pid."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab.host import Host
from lab.machine import LabError


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one finder said.

    Attributes:
        finder: its name and version.
        names: units, sessions, containers that it says run replaced code.
        pids: processes that it says so of.
        took_s: its wall time.
        text: all it printed.
        suspects: units and the like of which it cannot be sure, and says so.
        suspected: processes that it says that of.
    """

    finder: str
    names: frozenset[str]
    pids: frozenset[int]
    took_s: float
    text: str
    suspects: frozenset[str] = frozenset()
    suspected: frozenset[int] = frozenset()


def ask_insvc(host: Host) -> Answer:
    """`insvc scan --json`: instances whose verdict is stale, and the pids in their evidence.

    Raises:
        LabError: it printed no observation of the host.
    """
    done = host.run("insvc scan --json", check=False, limit_s=120)
    try:
        seen = json.loads(done.output)["hosts"][0]["instances"]
    except (ValueError, LookupError) as error:
        raise LabError(f"insvc scan printed no observation: {done}") from error
    names, pids = _with_verdict(seen, "stale")
    suspects, suspected = _with_verdict(seen, "suspect")
    return Answer(
        finder="insvc",
        names=names,
        pids=pids,
        took_s=done.took_s,
        text=done.output + done.errors,
        suspects=suspects,
        suspected=suspected,
    )


def _with_verdict(
    seen: Sequence[dict[str, Any]], verdict: str
) -> tuple[frozenset[str], frozenset[int]]:
    """The names of the instances with a verdict, and the processes in their evidence."""
    told = [one for one in seen if one["verdict"] == verdict]
    signs = [sign for one in told for sign in one["evidence"] if sign.get("pid") is not None]
    return frozenset(one["service"] for one in told), frozenset(sign["pid"] for sign in signs)


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
