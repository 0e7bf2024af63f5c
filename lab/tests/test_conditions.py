"""What goes on at a real host: package transactions and logins as dpkg and logind have them."""

from lab.host import Host

PROBE = (
    "import sys; sys.path[:0] = ['/opt/insvc/src']; "
    "from insvc.adapters.conditions import conditions; print(*conditions())"
)
CONTROL = (
    "Package: slow\nVersion: 1\nArchitecture: all\nMaintainer: lab <lab@lab>\nDescription: lab\n"
)
POSTINST = (
    "#!/bin/sh\ntouch /run/slow-began\nwhile [ ! -e /run/slow-may-end ]; do sleep 0.05; done\n"
)
HOLD = """import fcntl, time
lock = open("/var/lib/dpkg/lock-frontend", "r+")
fcntl.lockf(lock, fcntl.LOCK_EX)
open("/run/held", "w").close()
time.sleep(60)
"""


def conditions(host: Host, user: str = "root") -> list[str]:
    return host.run(f'setpriv --reuid {user} --clear-groups python3 -c "{PROBE}"').output.split()


def test_a_package_transaction_is_seen_by_root_and_by_an_ordinary_user(host: Host) -> None:
    assert conditions(host) == []
    host.put("/tmp/slow/DEBIAN/control", CONTROL)
    host.put("/tmp/slow/DEBIAN/postinst", POSTINST)
    host.run("chmod 755 /tmp/slow/DEBIAN/postinst && dpkg-deb --build /tmp/slow /tmp/slow.deb")
    with host.spawn("dpkg -i /tmp/slow.deb") as installing:
        host.until("test -e /run/slow-began")
        assert conditions(host) == ["package-transaction"]
        assert conditions(host, "nobody") == ["package-transaction"]
        host.run("touch /run/slow-may-end")
        assert installing.wait(timeout=20) == 0
    assert conditions(host) == []


def test_apt_that_only_waits_for_an_answer_is_a_transaction_too(host: Host) -> None:
    """It holds its lock from the beginning, before anything is changed."""
    host.put("/tmp/hold", HOLD)
    with host.spawn("python3 /tmp/hold") as holding:
        host.until("test -e /run/held")
        assert conditions(host) == ["package-transaction"]
        holding.kill()


def test_people_are_seen_and_what_runs_in_the_background_is_not(host: Host) -> None:
    session = "systemd-run --quiet --unit={0} -p PAMName=login -p User=nobody {1} sleep 60"
    host.run(session.format("job", "-E XDG_SESSION_CLASS=background"))
    host.until("loginctl --no-legend list-sessions | grep -q nobody")
    assert conditions(host) == []
    host.run(session.format("shell", "-E XDG_SESSION_TYPE=tty"))
    host.until("test $(loginctl --no-legend list-sessions | wc -l) = 2")
    assert conditions(host) == ["user-session"]
    host.run(session.format("desktop", "-E XDG_SESSION_TYPE=x11"))
    host.until("test $(loginctl --no-legend list-sessions | wc -l) = 3")
    assert conditions(host) == ["user-session", "graphical-session"]
    host.run("systemctl stop shell desktop")
    host.until("test $(loginctl --no-legend list-sessions | wc -l) = 1")
    assert conditions(host) == []
