"""In which order services of a host end that need each other."""

from collections.abc import Collection, Mapping


def stop_order(needs: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Every service before those that it needs; of a circle any one first."""
    left = dict(needs)
    order: list[str] = []
    while left:
        needed = {one for name, of in left.items() for one in of if one != name}
        last = next((name for name in left if name not in needed), next(iter(left)))
        order.append(last)
        del left[last]
    return tuple(order)
