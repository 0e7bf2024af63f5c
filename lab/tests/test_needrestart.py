"""The configuration that comes with needrestart, as Perl has it and as insvc reads it."""

import json

from insvc.adapters.shipped import shipped
from insvc.catalog.entry import Entry, Service
from insvc.catalog.globs import Finder, is_glob
from insvc.catalog.layers import Amendment, Layer
from insvc.catalog.settle import settle
from insvc.model.words import Manager, RestartClass
from lab.host import Host

CONF = "/etc/needrestart/needrestart.conf"
PERL = r"""our %nrconf; our $LOGPREF = ''; do $ARGV[0]; die $@ if $@;
open(my $names, '<', '/tmp/names'); while (my $name = <$names>) { chomp $name;
  my @said = grep { $name =~ /$_/ } keys %{$nrconf{override_rc}};
  print "$name ", (@said ? join(',', map { $nrconf{override_rc}{$_} } @said) : '-'), "\n"; }
"""
UNTOUCHED = RestartClass.ORDERED


def unit(name: str) -> Entry:
    return Entry(
        name=name,
        title=name,
        function="Found.",
        in_service_patchable=True,
        managed_by=Manager.SYSTEMD,
        services=(Service(name=name),),
        restart_class=UNTOUCHED,
    )


def names() -> list[str]:
    """Names of units as hosts have them: those that we ship, with something in place of globs."""
    found = {
        service.name.replace("*", "1000").replace("[", "").replace("]", "")
        for entry in shipped("debian").entries
        for service in entry.services
        if service.name.endswith((".service", ".scope")) or is_glob(service.name)
    }
    return sorted({*found, "web.service", "user@x.service", "getty@.service", "cron-a.service"})


def test_insvc_takes_from_it_what_perl_says(host: Host) -> None:
    host.put("/tmp/names", "\n".join(names()) + "\n")
    host.put("/tmp/say.pl", PERL)
    said = dict(line.split() for line in host.run(f"perl /tmp/say.pl {CONF}").output.splitlines())
    assert sum(word == "0" for word in said.values()) >= 30
    told = json.loads(host.run(f"insvc catalog import {CONF} --json").output)
    entries = [
        Amendment(name=one["name"], restart_class=RestartClass(one["restart_class"]))
        for one in told["layer"]["entries"]
    ]
    layer = Layer(name="needrestart", level="site", entries=tuple(entries))
    bare = shipped("debian").__class__(name="bare")
    moved = settle(map(unit, names()), bare, [layer])
    for entry in moved.entries:
        expected = {"0": RestartClass.DEFERRED, "1": RestartClass.AUTO, "-": UNTOUCHED}
        assert entry.restart_class is expected[said[entry.name]], entry.name


def test_what_it_leaves_alone_is_known_to_what_we_ship(host: Host) -> None:
    host.put("/tmp/names", "\n".join(names()) + "\n")
    host.put("/tmp/say.pl", PERL)
    finder = Finder(shipped("debian"))
    for line in host.run(f"perl /tmp/say.pl {CONF}").output.splitlines():
        name, word = line.split()
        entry = finder.find(name)
        assert entry is not None or word == "-", name
