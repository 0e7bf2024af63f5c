"""Cases with a root, or a view of the files, that is not the host's own."""

from lab.corpus.case import HOLD, Case
from lab.corpus.shapes import LIBRARY, bound, goes_into_a_root

ROOT = """
mkdir -p /srv/{name}/usr/bin /srv/{name}/run/lab && cd /srv/{name} && ln -sfn usr/lib lib
ln -sfn usr/lib64 lib64
for f in /usr/bin/sleep $(ldd /usr/bin/sleep | grep -o '/[^ ]*'); do
    g=$(readlink -f "$(dirname $f)")/$(basename $f); mkdir -p .$(dirname $g); cp -L $f .$g
done
"""
"""Makes a small root of its own at /srv/NAME, with a program and the libraries it needs."""

REPLACE = """
cd /srv/{name}/usr/bin && cp sleep new && printf '\\0' >>new && mv new sleep
"""
"""Replaces the program in that root."""

DOCKER = "docker-4a6ffb84a1c2d0a1b1e8c6f1d9a3b0e5f7c8d9e0a1b2c3d4e5f60718293a4b5c.scope"
IN_SCOPE = (
    "systemd-run -q --scope --slice={slice} --unit={unit} "
    "unshare --mount --pid --fork --net --uts chroot /srv/{name} /usr/bin/sleep {mark} "
    ">/dev/null 2>&1 </dev/null &"
)


def _scope(name: str, slice_: str, unit: str, mark: str) -> str:
    """Shell text that starts a container with the root of a case, the way an engine does."""
    filled = IN_SCOPE.replace("{slice}", slice_).replace("{unit}", unit).replace("{mark}", mark)
    return filled.replace("{name}", name)


CHROOTS = [
    Case(
        name="chroot",
        about="A program in a root of its own, while the host's file of the same path is upgraded.",
        stale=False,
        kind="roots",
        setup=ROOT + "mkdir -p ./{dir} && cp {dir}/program ./{dir}/program",
        command="{dir}/program infinity",
        unit="RootDirectory=/srv/{name}",
        copies={"program": "/usr/bin/sleep"},
        altered=("program",),
        why="the path it maps is another file in the host's root than in its own",
    ),
    Case(
        name="chroot-replaced",
        about="A program in a root of its own, in which it is replaced.",
        stale=True,
        kind="roots",
        setup=ROOT,
        command="/usr/bin/sleep infinity",
        unit="RootDirectory=/srv/{name}",
        change=REPLACE,
        why="the host's own /usr/bin/sleep is untouched",
    ),
    goes_into_a_root(
        "postfix-like",
        "A child that mapped its library and then went into an empty root, as Postfix's "
        "children do; nothing is replaced.",
        stale=False,
        why="no file it maps exists in its root",
    ),
    goes_into_a_root("postfix-like-replaced", "The same, and the library is upgraded.", stale=True),
]

CONTAINERS = [
    Case(
        name="container",
        about="A container with its own root and namespaces, in the control group Docker gives it.",
        stale=False,
        kind="roots",
        setup=ROOT,
        start=_scope("container", "system.slice", DOCKER, "1000001"),
        names=("container:*4a6ffb84a1c2*", "CONT: *4a6ffb84a1c2*"),
        match="^/usr/bin/sleep 1000001",
        why="its files are compared with the host's, or its engine is blamed",
    ),
    Case(
        name="container-replaced",
        about="The same, in the control group systemd-machined gives it; its program is replaced "
        "within.",
        stale=True,
        kind="roots",
        setup=ROOT,
        start=_scope("container-replaced", "machine.slice", "machine-web.scope", "1000002"),
        change=REPLACE,
        names=("container:*web*", "CONT: *web*"),
        match="^/usr/bin/sleep 1000002",
        why="not a process of the host's own services, but still replaced code",
    ),
]

MOUNTS = [
    Case(
        name="overlay",
        about="A program run from an overlay of its own, which only it sees.",
        stale=False,
        kind="roots",
        setup="cd /opt && mkdir -p {name}/low {name}/at && cp /usr/bin/sleep {name}/low/program",
        command=(
            "/usr/bin/unshare -m /bin/sh -c 'mkdir -p /run/{name}/up /run/{name}/work && "
            "mount -t overlay lab /opt/{name}/at -o lowerdir=/opt/{name}/low,"
            "upperdir=/run/{name}/up,workdir=/run/{name}/work && "
            "exec /opt/{name}/at/program infinity'"
        ),
        why="the device that maps names is not the one that the path has",
    ),
    Case(
        name="live-medium",
        about="A program whose whole root is an overlay over the host's root, as on a live medium.",
        stale=False,
        kind="roots",
        command=(
            "/usr/bin/unshare -m /bin/sh -c 'cd /run && mkdir -p {name}/up {name}/work {name}/at "
            "&& mount -t overlay lab /run/{name}/at -o lowerdir=/,upperdir=/run/{name}/up,"
            "workdir=/run/{name}/work && exec chroot /run/{name}/at {dir}/program infinity'"
        ),
        copies={"program": "/usr/bin/sleep"},
        upgraded=False,
        why="every file it maps has another device than the host's",
    ),
    bound("bind-mount", "A program that only its unit sees, bound in from elsewhere."),
    Case(
        name="bind-mount-over",
        about="A unit sees an older copy bound over a packaged program; the packaged one, which it "
        "does not run, is upgraded.",
        stale=False,
        kind="roots",
        setup="mkdir -p /opt/{name} && cp {dir}/program /opt/{name}/program",
        command="{dir}/program infinity",
        unit="BindReadOnlyPaths=/opt/{name}:{dir}",
        copies={"program": "/usr/bin/sleep"},
        altered=("program",),
        why="the path it maps is another file outside its mount namespace",
    ),
    bound(
        "bind-mount-replaced",
        "A program bound in from elsewhere is replaced there.",
        change="cd /opt/{name}/source && cp program new && printf '\\0' >>new && mv new program",
    ),
    Case(
        name="sandboxed-replaced",
        about="A service with a private /tmp and a read-only system; its library is upgraded.",
        stale=True,
        kind="roots",
        command=f"{HOLD} {{name}} lib {{dir}}/lib.so",
        unit="PrivateTmp=yes\nProtectSystem=yes\nProtectHome=yes\nNoNewPrivileges=yes",
        copies=LIBRARY,
        altered=("lib.so",),
    ),
    Case(
        name="private-tmp",
        about="A service that runs a library from its private /tmp, where it still is.",
        stale=False,
        kind="roots",
        command=(
            "/bin/sh -c 'cp /usr/lib/*/libz.so.1 /tmp/lib.so && "
            f"exec {HOLD} {{name}} lib /tmp/lib.so'"
        ),
        unit="PrivateTmp=yes",
        why="its path does not exist outside its mount namespace",
    ),
]

CASES = [*CHROOTS, *CONTAINERS, *MOUNTS]
