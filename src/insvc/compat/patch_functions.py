"""The file that a patch's scripts source: what host they are on, and where things are."""

import shlex
from pathlib import Path

from insvc.model.topology import Host
from insvc.model.words import Personality

MARK = "# Put in place by insvc; `insvc compat install` writes it anew."

_FUNCTIONS = """
loginfo() {
    printf '%s %s: %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(basename -- "$0")" "$*" >>"$logfile"
}

is_controller() { [ "$nodetype" = controller ]; }
is_storage() { [ "$nodetype" = storage ]; }

is_worker() {
    case ",$nodetype,$subfunction," in
        *,worker,* | *,compute,*) return 0 ;;
    esac
    return 1
}

# Both names of a worker are known for ever: a script with a missing function would only seem to
# be on another host.
is_compute() { is_worker; }
is_cpe() { is_controller && is_worker; }
is_locked() { insvc-is-locked; }
"""


def patch_functions(host: Host, *, flags: Path, scripts: Path, log: Path) -> str:
    """The shell text for that host.

    Args:
        host: what the scripts are to be told of themselves.
        flags: where it is noted what was restarted.
        scripts: where a patch puts its scripts.
        log: the patch log.
    """
    values = {
        "nodetype": _word(host.personality),
        "subfunction": ",".join(_word(one) for one in host.subfunctions),
        "PATCH_SCRIPTDIR": str(scripts),
        "PATCH_FLAGDIR": str(flags),
        "PATCH_STATUS_OK": "0",
        "PATCH_STATUS_FAILED": "1",
        "logfile": str(log),
    }
    lines = [f"{name}={shlex.quote(value)}" for name, value in values.items()]
    return "\n".join(["# shellcheck shell=sh", MARK, *lines]) + "\n" + _FUNCTIONS


def _word(personality: Personality) -> str:
    return "compute" if personality is Personality.WORKER else personality.value
