"""`insvc.supervise.pmond_conf`: settings within their ranges, and defaults for the rest."""

from insvc.supervise.pmond_conf import PmondConf, read_pmond_conf

TEXT = """; settings
[config]
audit_period = 500   ; milliseconds
pmon_cmd_port = 3117
pmon_amon_port=3200
flush = 1
[timeouts]
start_delay = 5 ; seconds
"""


def test_values_are_taken_whatever_their_section() -> None:
    assert read_pmond_conf(TEXT) == PmondConf(
        start_delay_s=5.0, command_port=3117, answer_port=3200
    )


def test_an_empty_file_means_the_defaults() -> None:
    found = read_pmond_conf("")
    assert found == PmondConf()
    assert (found.start_delay_s, found.command_port, found.answer_port) == (30.0, 2117, 2200)


def test_what_is_out_of_range_is_told_and_the_default_is_used() -> None:
    found = read_pmond_conf(
        "start_delay = 121\naudit_period = 49\npmon_cmd_port = x\npmon_amon_port = 999999999999\n"
    )
    assert (found.start_delay_s, found.command_port, found.answer_port) == (30.0, 2117, 2200)
    assert found.faults == (
        "line 1: found '121' as start_delay, expected a whole number from 1 to 120; 30 is used",
        "line 2: found '49' as audit_period, expected a whole number from 50 to 999; 500 is used",
        "line 3: found 'x' as pmon_cmd_port, expected a whole number from 1 to 65535; 2117 is used",
        "line 4: found '999999999999' as pmon_amon_port, expected a whole number from 1 to 65535; "
        "2200 is used",
    )
