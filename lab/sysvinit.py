"""A lab host whose first process is sysvinit: its services are the scripts in /etc/init.d."""

from lab.host import Host

_RUNS_LAST = "#!/bin/sh\ntouch /run/booted\n"
_INITTAB = (
    "id:2:initdefault:\n"
    "si::sysinit:/etc/init.d/rcS\n"
    "l0:0:wait:/etc/init.d/rc 0\n"
    "l2:2:wait:/etc/init.d/rc 2\n"
    "l6:6:wait:/etc/init.d/rc 6\n"
)


class SysvinitHost(Host):
    """A host without systemd, booted by sysvinit on entering and gone on leaving."""

    def __init__(self, short: str = "native") -> None:
        super().__init__(short, layer="sysvinit")

    def _furnish(self) -> None:
        super()._furnish()
        for name, text, mode in (
            ("etc/rc.local", _RUNS_LAST, 0o755),
            ("etc/inittab", _INITTAB, 0o644),
        ):
            path = self._upper / name
            path.write_text(text, encoding="utf-8")
            path.chmod(mode)

    def _is_up(self) -> bool:
        return not self.run("test -e /run/booted", check=False, limit_s=20).status
