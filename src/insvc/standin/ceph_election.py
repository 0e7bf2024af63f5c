"""How monitors agree on a leader: values in, values out.

The lowest rank that is alive and has a majority behind it leads. A candidate raises the epoch and
proposes itself; a peer of higher rank defers to it, one of lower rank answers with a candidacy of
its own. With a majority of deferrals the candidate announces the quorum. The leader then renews a
lease with every member; a member that misses it, or a leader that cannot renew it, votes again.
A monitor serves only while its lease lasts.
"""

LEASE_S = 1.0
DEFER_S = 0.6


class Vote:
    """One monitor's view of who leads.

    Args:
        rank: its own number; the lowest one alive leads.
        size: how many monitors there are.

    Attributes:
        epoch: grows with every candidacy.
        leader: the rank that leads, or -1 while there is none.
        quorum: ranks that agreed on it.
    """

    def __init__(self, rank: int, size: int) -> None:
        self.rank = rank
        self.majority = size // 2 + 1
        self.epoch = 0
        self.leader = -1
        self.quorum: tuple[int, ...] = ()
        self._lease_until = 0.0
        self._deferred_until = 0.0

    def serves(self, now: float) -> bool:
        """Whether it is in a quorum whose lease lasts."""
        return self.leader >= 0 and now < self._lease_until

    def must_stand(self, now: float) -> bool:
        """Whether it is time to propose itself: nobody leads and nobody is deferred to."""
        return not self.serves(now) and now >= self._deferred_until

    def leads(self, now: float) -> bool:
        """Whether it is the leader itself."""
        return self.leader == self.rank and self.serves(now)

    def stand(self) -> int:
        """Become a candidate; the epoch to propose."""
        self.epoch += 1
        self._forget()
        return self.epoch

    def hear_proposal(self, epoch: int, rank: int, now: float) -> bool:
        """A peer proposes itself; whether it is deferred to."""
        self.epoch = max(self.epoch, epoch)
        self._forget()
        if rank > self.rank:
            self._deferred_until = 0.0
            return False
        self._deferred_until = now + DEFER_S
        return True

    def count(self, epoch: int, deferred: dict[int, int], refused: bool, now: float) -> bool:
        """Count the answers to a candidacy; whether it is won.

        Args:
            epoch: the epoch that was proposed.
            deferred: the epoch of every peer that deferred, by rank; a won candidacy goes on
                with the highest, since a monitor that was away knows only old ones.
            refused: whether a peer of lower rank is alive.
            now: the present moment, monotonic seconds.
        """
        if epoch != self.epoch or refused:
            self._deferred_until = now + DEFER_S
            return False
        members = tuple(sorted((self.rank, *deferred)))
        if len(members) < self.majority:
            self._deferred_until = now + DEFER_S / 2
            return False
        self.epoch = max([epoch, *deferred.values()])
        self._install(self.rank, members, now)
        return True

    def hear_victory(self, epoch: int, leader: int, quorum: tuple[int, ...], now: float) -> bool:
        """A peer announces that it leads; whether that is accepted."""
        if epoch < self.epoch or leader > self.rank or self.rank not in quorum:
            return False
        self.epoch = epoch
        self._install(leader, quorum, now)
        return True

    def hear_lease(self, epoch: int, leader: int, now: float) -> bool:
        """The leader renews the lease; whether it is still followed."""
        if epoch != self.epoch or leader != self.leader:
            return False
        self._lease_until = now + LEASE_S
        return True

    def renew(self, epoch: int, followers: int, now: float) -> bool:
        """The leader's own lease after a round of renewals; false when a member was missed."""
        if epoch != self.epoch:
            return False
        if followers + 1 < len(self.quorum):
            self._forget()
            return False
        self._lease_until = now + LEASE_S
        return True

    def _install(self, leader: int, quorum: tuple[int, ...], now: float) -> None:
        self.leader = leader
        self.quorum = quorum
        self._lease_until = now + LEASE_S
        self._deferred_until = 0.0

    def _forget(self) -> None:
        self.leader = -1
        self.quorum = ()
        self._lease_until = 0.0
