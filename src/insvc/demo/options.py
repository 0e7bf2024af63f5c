"""What the caller of the demo chose."""

from dataclasses import dataclass
from pathlib import Path

from insvc.catalog.entry import Catalog

DEFAULT_PATCH = (
    "haproxy",
    "cinder",
    "ceph",
    "nova",
    "horizon",
    "ceilometer-polling",
    "neutron-dhcp-agent",
    "ceilometer-expirer-active",
)
"""The first patch: one of every kind of care that the operators' page asks for."""

SECOND_PATCH = ("sm",)
"""The second patch: what cannot be restarted in service."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoOptions:
    """One demo.

    Attributes:
        cloud: the cloud's directory; made where it is missing.
        output: where the reports go; an existing folder.
        names: what to patch instead of the two patches of the whole story.
        fail: a service whose new code does not start; the run is rolled back.
        kill_controller: kill the controller in the middle of a step, then resume the run.
        catalog: what is known of the processes; the built-in catalog where absent.
        keep: leave the cloud running.
    """

    cloud: Path
    output: Path
    names: tuple[str, ...] = ()
    fail: str | None = None
    kill_controller: bool = False
    catalog: Catalog | None = None
    keep: bool = False

    @property
    def is_whole_story(self) -> bool:
        """Whether the second patch follows the first."""
        return not (self.names or self.fail or self.kill_controller)
