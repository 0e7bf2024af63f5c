"""Shapes that several cases have in common."""

from lab.corpus.case import HOLD, Case

LIBRARY = {"lib.so": "/usr/lib/*/libz.so.1"}
"""A package's own copy of a small library."""

HOLDS = f"{HOLD} {{name}} lib {{dir}}/lib.so"
"""Runs the library of the case's package."""

JAR = {"serve.jar": "/opt/lab/serve.jar"}
JAVA = "/usr/bin/java -Xshare:off -Xmx32m"


def of_nobody(name: str, about: str, change: str, *, stale: bool, why: str = "") -> Case:
    """A library in /opt that no package owns, changed by hand while it is mapped."""
    return Case(
        name=name,
        about=about,
        stale=stale,
        kind="mapped",
        setup="mkdir -p /opt/{name} && cp /usr/lib/*/libz.so.1 /opt/{name}/lib.so",
        command=f"{HOLD} {{name}} lib /opt/{{name}}/lib.so",
        change="cd /opt/{name} && " + change,
        why=why,
    )


def java(name: str, about: str, words: str, *, stale: bool = True, why: str = "") -> Case:
    """A Java service that runs its package's archive, which is upgraded if it is to be stale."""
    return Case(
        name=name,
        about=about,
        stale=stale,
        kind="scripts",
        command=f"{JAVA} {words} /run/lab/{{name}}",
        copies=JAR,
        altered=("serve.jar",) if stale else (),
        upgraded=stale,
        why=why,
    )


def bound(name: str, about: str, *, change: str = "") -> Case:
    """A program that only its unit sees, bound in from elsewhere; stale where something changes."""
    return Case(
        name=name,
        about=about,
        stale=bool(change),
        kind="roots",
        setup="mkdir -p /opt/{name}/source && cp /usr/bin/sleep /opt/{name}/source/program",
        command="/opt/{name}/seen/program infinity",
        unit="BindReadOnlyPaths=/opt/{name}/source:/opt/{name}/seen",
        change=change,
        why="its path does not exist outside its mount namespace",
    )


def goes_into_a_root(name: str, about: str, *, stale: bool, why: str = "") -> Case:
    """A child that mapped its library and then went into an empty root."""
    return Case(
        name=name,
        about=about,
        stale=stale,
        kind="roots",
        setup="mkdir -p /var/spool/{name}",
        command=f"{HOLD} {{name}} lib {{dir}}/lib.so child - root /var/spool/{{name}}",
        copies=LIBRARY,
        altered=("lib.so",) if stale else (),
        upgraded=stale,
        why=why,
    )
