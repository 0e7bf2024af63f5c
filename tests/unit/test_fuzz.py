"""`tools/fuzz.py`: what is fuzzed, and with what it begins."""

from pathlib import Path

import pytest

from insvc.adapters.dbus import Reader, decode
from insvc.inspect.crontab import Place, parse_crontab
from insvc.inspect.maps import executable_lines
from insvc.inspect.microcode import amd_updates, intel_updates
from insvc.inspect.stat import parse_stat
from tools.fuzz import main, runs_of, seeded
from tools.fuzz_targets import TARGETS

SEEDS = [(name, seed) for name, target in TARGETS.items() for seed in target.seeds]


@pytest.mark.parametrize(("name", "seed"), SEEDS)
def test_every_seed_is_read_wherever_it_is_cut_off(name: str, seed: bytes) -> None:
    read = TARGETS[name].read
    for end in range(len(seed) + 1):
        read(seed[:end])


def test_the_seeds_are_what_the_readers_are_meant_to_read() -> None:
    assert len(executable_lines(TARGETS["maps"].seeds[0])) == 2
    assert [parse_stat(seed).name for seed in TARGETS["stat"].seeds] == ["a) b", "kthread"]
    intel, amd = TARGETS["microcode"].seeds
    assert [one.revision for one in intel_updates(intel, 0x506E3)] == [0xF0]
    assert [one.revision for one in amd_updates(amd, 0x506E3)] == [7]
    (told,) = decode(TARGETS["dbus"].seeds[0]).values()
    assert told == {"Id": "x", "Exec": [("/x", ["a"], True)]}
    assert Reader(TARGETS["dbus"].seeds[1]).pick({"MainPID"}) == {"MainPID": 7}
    jobs = parse_crontab(TARGETS["crontab"].seeds[1].decode(), Place("x", "x", None)).jobs
    assert [job.schedule for job in jobs] == ["0 0 * * *", "0-30 * * * *"]


def test_a_reader_that_breaks_its_promise_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.fuzz_targets.group_of", lambda _: "no path")
    with pytest.raises(AssertionError):
        TARGETS["cgroup"].read(b"0::/x")


def test_seeds_lie_where_the_fuzzer_begins(tmp_path: Path) -> None:
    folder = seeded("cgroup", tmp_path)
    assert sorted(one.read_bytes() for one in folder.iterdir()) == sorted(TARGETS["cgroup"].seeds)


@pytest.mark.parametrize(
    ("said", "runs"),
    [("INFO\nDone 454 in 5 second(s)\n", "454"), ("#7\tDONE cov: 3\n", "7"), ("", "no")],
)
def test_the_fuzzers_own_count_is_told(said: str, runs: str) -> None:
    assert runs_of(said) == runs


def test_a_reader_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["novel"])
    assert ended.value.code == 2
    assert "no reader is called novel" in capsys.readouterr().err
