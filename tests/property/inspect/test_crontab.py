"""No text makes the crontab reader fail, and what it reads it can schedule."""

from hypothesis import example, given
from hypothesis import strategies as st

from insvc.inspect.crontab import Place, parse_anacrontab, parse_crontab, parts_folder
from insvc.model.cron_schedule import parse

SYSTEM = Place("/etc/crontab", "crontab", None, knows_zones=True)
ALICE = Place("/var/spool/cron/alice", "crontabs/alice", "alice")
PIECES = st.sampled_from(
    ["*", "0", "59", "60", "*/5", "1-5", "~", "5~", "mon", "feb-mar", "@daily", "@reboot", "@", "-",
     "root", "=", "A=b", "%", "\\%", '"', "'", "#", "\t", " ", "\n", "run-parts", "/etc/cron.daily",
     "\0", "\r", "\udc80", "٣", "9" * 5000]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join))


@given(text=TEXTS)
@example(text="* * * * *")
@example(text="0~" * 4000)
@example(text="@daily %")
def test_any_text_is_read_and_every_job_has_a_schedule_that_can_be_read(text: str) -> None:
    for place in (SYSTEM, ALICE):
        found = parse_crontab(text, place)
        for job in found.jobs:
            assert job.command
            assert job.schedule is None or parse(job.schedule)
            assert parts_folder(job) is None or str(parts_folder(job)).startswith("/")
        said = len(found.jobs) + len(found.faults)
        assert said <= text.count("\n") + 2


@given(text=TEXTS)
def test_any_text_is_read_as_an_anacrontab(text: str) -> None:
    for job in parse_anacrontab(text, SYSTEM).jobs:
        assert job.command
        assert job.schedule is None
