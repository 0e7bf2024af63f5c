"""The table of what the embedded cloud runs: every service of the 41 rows, and how it behaves.

Dependencies between services of sm are those of its shipped tables, as far as both ends are rows.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

from insvc.adapters.sm_shipped import shipped_tables
from insvc.model.act import DrainRule
from insvc.model.words import Manager, Personality
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.sm_tables import needs_among, serves_everywhere

CONTROLLER, WORKER, STORAGE = Personality.CONTROLLER, Personality.WORKER, Personality.STORAGE
GRACEFUL_S = 30.0
EVERY_MINUTE = "* * * * *"
AUDIT_S = 10.0
PROXY = "neutron-ns-metadata-haproxy"
METADATA_NETWORKS = {"net-blue": 9701, "net-green": 9702}


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """One service of the cloud and the stand-in that is made for it.

    Attributes:
        name: what its manager calls it; `package`: what delivers it; `entry`: its catalog entry.
        manager: who runs it.
        behaviour: the module of `insvc.standin`.
        settings: keyword arguments of that module's `main`.
        port: where it listens.
        runs_on: personalities of its hosts.
        prefix: the path prefix that haproxy forwards to it.
        graceful: whether it finishes open requests when it is stopped.
        on_oam: whether it listens on the floating address.
    """

    name: str
    package: str
    entry: str
    manager: Manager
    behaviour: str = "api"
    settings: Mapping[str, object] = field(default_factory=dict)
    port: int | None = None
    runs_on: tuple[Personality, ...] = (CONTROLLER,)
    prefix: str | None = None
    graceful: bool = False
    on_oam: bool = False

    @property
    def library(self) -> str:
        """The shared object of its package, below the host's root."""
        return f"usr/lib/insvc/lib{self.package}.so"

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Services of sm that are up before it."""
        return _needs().get(self.name, ())

    @property
    def runs_always(self) -> bool:
        """Whether it runs whatever the role of its host is."""
        in_pairs = self.manager is Manager.SM and serves_everywhere(shipped_tables(), self.name)
        return in_pairs or self.manager is Manager.PMON

    def definition(self) -> ServiceDefinition:
        """What its manager is told."""
        is_job = self.manager is Manager.CRON
        starts_proxies = self.behaviour == "dhcp_agent"
        drain = DrainRule(timeout_s=GRACEFUL_S) if self.graceful else DrainRule()
        return ServiceDefinition(
            name=self.name,
            manager=self.manager,
            package=self.package,
            command=(f"usr/bin/{self.name}",),
            pidfile=f"run/{self.name}.pid",
            port=self.port,
            health_path=None if is_job else "/healthz",
            on_oam=self.on_oam,
            runs_when="always" if self.runs_always else "active",
            depends_on=self.depends_on,
            drain=drain,
            audit_s=0.0 if is_job else AUDIT_S,
            ready_timeout_s=60.0 if self.entry == "ceph" else 20.0,
            schedule=EVERY_MINUTE if is_job else None,
            helpers=PROXY if starts_proxies else None,
            severity="critical" if self.name == "sm" else "major",
        )


def _sm(name: str, port: int, **more: object) -> Made:
    return _made(name, Manager.SM, port=port, **more)


def _pmon(name: str, port: int, *hosts: Personality, **more: object) -> Made:
    return _made(name, Manager.PMON, port=port, runs_on=hosts, **more)


def _cron(name: str, work_s: float) -> Made:
    return _made(name, Manager.CRON, behaviour="cron_job", settings={"work_s": work_s})


def _role(name: str, port: int, module: str) -> Made:
    settings = {"module": module}
    return _pmon(name, port, CONTROLLER, behaviour="role", settings=settings)


def _made(name: str, manager: Manager, **more: object) -> Made:
    given = {"package": name, "entry": name, **more}
    return Made(name=name, manager=manager, **given)  # type: ignore[arg-type]


def _warm(warm_s: float, **more: object) -> dict[str, object]:
    return {"warm_s": warm_s, **more}


def _patient(work_s: float, *, uses_ceph: bool) -> dict[str, object]:
    return _warm(0.3, work_s=work_s, drain_s=GRACEFUL_S, uses_ceph=uses_ceph)


_CINDER = {"package": "cinder", "entry": "cinder", "graceful": True}
_GLANCE = {"package": "glance", "entry": "glance", "graceful": True}
_NOVA = {"package": "nova", "settings": _warm(0.2)}
_METER = {"behaviour": "ceilometer", "settings": _warm(0.1)}
_CEPH = {"entry": "ceph", "settings": _warm(0.1)}
_SLOW, _QUICK = {"settings": _warm(0.3)}, {"settings": _warm(0.1)}

TABLE: tuple[Made, ...] = (
    _pmon("ceilometer-polling", 8771, CONTROLLER, WORKER, **_METER),
    _sm("ceilometer-collector", 8772, **_METER),
    _sm(
        "ceilometer-api",
        8777,
        prefix="metering",
        **_QUICK,
    ),
    _sm("ceilometer-agent-notification", 8773, **_METER),
    _cron("ceilometer-expirer-active", 0.8),
    _sm("haproxy", 8080, behaviour="haproxy", on_oam=True, **_QUICK),
    _role("sm", 7778, "insvc.agent.sm_daemon"),
    _role("sm-api", 7777, "insvc.cloud.role_sm_api"),
    _role("sm-eru", 7779, "insvc.cloud.role_sm_eru"),
    _role("sm-watchdog", 7780, "insvc.cloud.role_sm_watchdog"),
    _sm("neutron-server", 9696, prefix="network", **_SLOW),
    _pmon(
        "neutron-dhcp-agent",
        9700,
        WORKER,
        behaviour="dhcp_agent",
        settings=_warm(0.2, networks=METADATA_NETWORKS),
    ),
    _pmon("neutron-metadata-agent", 9710, WORKER, **_QUICK),
    _pmon("neutron-sriov-nic-agent", 9711, WORKER, **_QUICK),
    _pmon("neutron-bgp-dragent", 9712, CONTROLLER, **_QUICK),
    _sm("keystone", 5000, entry="keystone-all", prefix="identity", **_SLOW),
    _sm("aodh-listener", 8043, **_QUICK),
    _sm("aodh-api", 8042, prefix="alarming", **_QUICK),
    _sm("aodh-notifier", 8044, **_QUICK),
    _sm("aodh-evaluator", 8045, **_QUICK),
    _cron("aodh-expirer-active", 0.6),
    _sm("heat-engine", 8005, **_SLOW),
    _sm("heat-api", 8004, prefix="orchestration", **_QUICK),
    _sm("heat-api-cfn", 8000, prefix="cloudformation", **_QUICK),
    _sm("heat-api-cloudwatch", 8003, prefix="watch", **_QUICK),
    _cron("heat-purge-deleted-active", 0.7),
    _sm("glance-registry", 9191, settings=_patient(0.02, uses_ceph=False), **_GLANCE),
    _sm(
        "glance-api",
        9292,
        prefix="image",
        settings=_patient(0.1, uses_ceph=True),
        **_GLANCE,
    ),
    _sm("cinder-volume", 8775, settings=_patient(0.1, uses_ceph=True), **_CINDER),
    _sm("cinder-scheduler", 8778, settings=_patient(0.02, uses_ceph=False), **_CINDER),
    _sm(
        "cinder-api",
        8776,
        prefix="volume",
        settings=_patient(0.05, uses_ceph=False),
        **_CINDER,
    ),
    _sm("horizon", 8008, behaviour="horizon", prefix="horizon", settings=_warm(0.4)),
    _pmon("io-monitor-manager", 7790, CONTROLLER, entry="io-monitor", **_QUICK),
    _sm("vim", 4545, **_SLOW),
    _sm("vim-api", 4546, prefix="vim", **_QUICK),
    _sm("vim-webserver", 4547, **_QUICK),
    _sm("nova-conductor", 8780, **_NOVA),
    _sm("nova-api", 8774, prefix="compute", **_NOVA),
    _sm("nova-placement-api", 8781, prefix="placement", **_NOVA),
    _sm("nova-scheduler", 8782, **_NOVA),
    _sm("nova-console-auth", 8783, **_NOVA),
    _sm("nova-novnc", 6080, prefix="console", **_NOVA),
    _pmon("nova-compute", 8784, WORKER, settings=_warm(0.3, uses_ceph=True)),
    _pmon("ceph-mon", 6789, CONTROLLER, STORAGE, behaviour="ceph_mon", **_CEPH),
    _pmon("ceph-osd", 6800, STORAGE, behaviour="ceph_osd", **_CEPH),
)


@functools.cache
def _needs() -> Mapping[str, tuple[str, ...]]:
    names = [row.name for row in TABLE if row.manager is Manager.SM]
    return needs_among(shipped_tables(), names)


def packages() -> tuple[str, ...]:
    """Every package, in the table's order."""
    return tuple(dict.fromkeys(row.package for row in TABLE))


def of_package(package: str) -> tuple[Made, ...]:
    """The services that a package delivers."""
    return tuple(row for row in TABLE if row.package == package)
