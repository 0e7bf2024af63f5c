from typing import Any

import pytest

pytestmark = pytest.mark.integration


def test_it_maps_its_library_and_runs_the_daemon(site: Any) -> None:
    daemon = (
        "import os\n"
        "def main():\n"
        "    print(os.environ['INSVC_VERSION'], os.environ['INSVC_PACKAGE'], flush=True)\n"
        "    maps = open('/proc/self/maps').read()\n"
        "    raise SystemExit(0 if 'libthing.so' in maps else 3)\n"
    )
    site.write("library/a_daemon.py", daemon)
    code = (
        f"import os; os.environ['INSVC_LIBRARY'] = {str(site.root / 'library')!r}\n"
        "from insvc.standin.role import main\n"
        "main('sm', 'thing', 'usr/lib/insvc/libthing.so', module='a_daemon')"
    )
    running = site.start_code(code, "sm", 8000)
    assert running.process.wait(30) == 0
    assert running.log.read_text() == "2.3-4 thing\n"
