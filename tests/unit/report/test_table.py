from insvc.report.table import lay_out


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    lines = lay_out(["entry", "s"], [["ceph", "1.00"], ["neutron-dhcp-agent", "2"]])
    assert lines == ["entry               s", "ceph                1.00", "neutron-dhcp-agent  2"]


def test_numbers_can_stand_to_the_right() -> None:
    assert lay_out(["n", "x"], [["100", "a"]], right=frozenset({0})) == ["  n  x", "100  a"]


def test_a_table_without_rows_is_its_header() -> None:
    assert lay_out(["a", "b"], []) == ["a  b"]
