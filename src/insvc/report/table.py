"""Columns of plain text, aligned."""

from collections.abc import Sequence


def lay_out(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()
) -> list[str]:
    """Lines of a table, two blanks between its columns.

    Args:
        header: the titles; as many as every row has cells.
        rows: the cells.
        right: columns that are aligned to the right, counted from 0.
    """
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
