"""Runs one resource agent of the Open Cluster Framework and tells its answer by name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from insvc.adapters.bounded import run_bounded, why_untrusted
from insvc.errors import InputError, UnknownName, WorldError
from insvc.inspect.ocf_manual import Manual, read_manual
from insvc.supervise.exit_codes import Answer, ocf_answer

ROOT = Path("/usr/lib/ocf")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_PARAMETER = re.compile(r"[A-Za-z_]\w*")
_META_DATA_S = 20.0
_LARGEST_MANUAL = 1 << 20


class Spoken(NamedTuple):
    """What an agent has said.

    Attributes:
        answer: by name.
        told: the end of what it wrote, and how it ended.
    """

    answer: Answer
    told: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OcfAgent:
    """One agent, for one resource.

    Attributes:
        provider: the folder of the agent (`heartbeat`, `openstack`).
        kind: its own name (`Dummy`, `IPaddr2`).
        instance: what the resource is called.
        parameters: what it is configured with.
        root: the folder in which agents are installed.
    """

    provider: str
    kind: str
    instance: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    root: Path = ROOT

    @property
    def path(self) -> Path:
        """The agent's file."""
        return self.root / "resource.d" / self.provider / self.kind

    def run(self, action: str, timeout_s: float, *, depth: int = 0) -> Spoken:
        """Let it do one thing, and wait for its end.

        Args:
            action: `start`, `stop`, `monitor`, `validate-all`, `reload`, `promote`, `demote` …
            timeout_s: how long it may take; then it and its process group are ended.
            depth: how closely a `monitor` looks; 0 as usual.

        Raises:
            UnknownName: there is no such agent.
            InputError: a name or parameter that cannot be passed on.
            WorldError: the agent may not be run: others than root could have written it.
        """
        command, more = self.call(action, timeout_s, depth=depth)
        done = run_bounded(command, timeout_s, more=more)
        return Spoken(ocf_answer(action, done.status), str(done))

    def call(
        self, action: str, timeout_s: float, *, depth: int = 0
    ) -> tuple[list[str], dict[str, str]]:
        """By which command, and with what added to its environment, it does that thing.

        Raises:
            UnknownName: there is no such agent.
            InputError: a name or parameter that cannot be passed on.
            WorldError: the agent may not be run: others than root could have written it.
        """
        return [self._vouched(), action], self._environment(timeout_s, depth)

    def manual(self) -> Manual:
        """What it tells of itself.

        Raises:
            UnknownName: there is no such agent.
            InputError: a name or parameter that cannot be passed on.
            WorldError: it may not be run, or does not tell.
        """
        more = self._environment(_META_DATA_S, 0)
        done = run_bounded(
            [self._vouched(), "meta-data"], _META_DATA_S, more=more, most_bytes=_LARGEST_MANUAL
        )
        answer = ocf_answer("meta-data", done.status)
        if answer is not Answer.DONE:
            raise self._refused(f"does not tell of itself: {answer.words}")
        try:
            return read_manual(done.told)
        except ValueError as fault:
            raise self._refused(str(fault)) from fault

    def _vouched(self) -> str:
        for word in (self.provider, self.kind):
            if not _NAME.fullmatch(word):
                raise InputError(
                    word, "found no plain word as name of an agent", next_act="correct the name"
                )
        if not self.path.is_file():
            raise UnknownName(
                f"ocf:{self.provider}:{self.kind}",
                f"is not in {self.root}",
                next_act="install the package that delivers it",
            )
        untrusted = why_untrusted(self.path, self.root.stat().st_uid)
        if untrusted:
            raise self._refused(f"is not run: {untrusted}")
        return str(self.path)

    def _environment(self, timeout_s: float, depth: int) -> dict[str, str]:
        """What an agent is told of its resource."""
        for name, value in self.parameters.items():
            if not _PARAMETER.fullmatch(name) or "\0" in value:
                raise InputError(
                    self.instance,
                    f"found {name!r} as parameter, expected a plain word and text",
                    next_act="correct its parameters",
                )
        return {
            "OCF_ROOT": str(self.root),
            "OCF_RA_VERSION_MAJOR": "1",
            "OCF_RA_VERSION_MINOR": "1",
            "OCF_RESOURCE_INSTANCE": self.instance,
            "OCF_RESOURCE_TYPE": self.kind,
            "OCF_RESOURCE_PROVIDER": self.provider,
            "OCF_CHECK_LEVEL": str(depth),
            "OCF_RESKEY_CRM_meta_timeout": str(round(timeout_s * 1000)),
            **{f"OCF_RESKEY_{name}": value for name, value in self.parameters.items()},
        }

    def _refused(self, found: str) -> WorldError:
        return WorldError(
            f"ocf:{self.provider}:{self.kind}", found, next_act="look at the agent's own file"
        )
