from insvc.standin.ceph_election import DEFER_S, LEASE_S, Vote


def led_by(rank: int, *, size: int = 3, now: float = 0.0) -> Vote:
    """A monitor of rank 2 that follows a leader."""
    vote = Vote(2, size)
    assert vote.hear_proposal(1, rank, now)
    assert vote.hear_victory(1, rank, (rank, 2), now)
    return vote


def test_a_monitor_without_a_leader_stands() -> None:
    vote = Vote(0, 3)
    assert vote.must_stand(0.0)
    assert not vote.serves(0.0)


def test_a_majority_of_deferrals_wins() -> None:
    vote = Vote(0, 3)
    epoch = vote.stand()
    assert vote.count(epoch, {1: 1}, refused=False, now=0.0)
    assert vote.leads(0.5)
    assert vote.quorum == (0, 1)


def test_a_minority_does_not_win_and_tries_again_later() -> None:
    vote = Vote(0, 3)
    epoch = vote.stand()
    assert not vote.count(epoch, {}, refused=False, now=0.0)
    assert not vote.must_stand(0.0)
    assert vote.must_stand(DEFER_S)


def test_a_candidate_defers_to_a_lower_rank_that_lives() -> None:
    vote = Vote(1, 3)
    epoch = vote.stand()
    assert not vote.count(epoch, {2: 1}, refused=True, now=0.0)
    assert not vote.serves(0.1)


def test_a_candidacy_that_was_overtaken_is_not_won() -> None:
    vote = Vote(0, 3)
    epoch = vote.stand()
    vote.hear_proposal(epoch + 5, 1, 0.0)
    assert not vote.count(epoch, {1: 1, 2: 1}, refused=False, now=0.0)


def test_a_returning_leader_takes_the_epoch_of_those_that_stayed() -> None:
    vote = Vote(0, 3)
    epoch = vote.stand()
    assert vote.count(epoch, {1: 40, 2: 41}, refused=False, now=0.0)
    assert vote.epoch == 41


def test_a_lower_rank_answers_a_proposal_with_its_own_candidacy() -> None:
    vote = Vote(0, 3)
    assert not vote.hear_proposal(7, 1, 0.0)
    assert vote.must_stand(0.0)
    assert vote.stand() == 8


def test_a_follower_serves_until_its_lease_ends() -> None:
    vote = led_by(0)
    assert vote.serves(LEASE_S / 2)
    assert vote.hear_lease(1, 0, LEASE_S / 2)
    assert vote.serves(LEASE_S)
    assert not vote.serves(LEASE_S * 1.5)
    assert vote.must_stand(LEASE_S * 1.5)


def test_a_lease_of_another_leader_or_epoch_is_not_followed() -> None:
    vote = led_by(0)
    assert not vote.hear_lease(1, 1, 0.1)
    assert not vote.hear_lease(2, 0, 0.1)


def test_a_victory_of_an_old_epoch_a_higher_rank_or_without_it_is_refused() -> None:
    vote = led_by(0)
    assert not vote.hear_victory(0, 0, (0, 2), 0.0)
    assert not vote.hear_victory(5, 3, (2, 3), 0.0)
    assert not vote.hear_victory(5, 0, (0, 1), 0.0)


def test_a_leader_that_misses_a_member_votes_again() -> None:
    vote = Vote(0, 3)
    epoch = vote.stand()
    vote.count(epoch, {1: 1, 2: 1}, refused=False, now=0.0)
    assert vote.renew(epoch, 2, 0.5)
    assert not vote.renew(epoch, 1, 0.6)
    assert vote.must_stand(0.6)


def test_a_renewal_of_an_old_epoch_changes_nothing() -> None:
    vote = Vote(0, 3)
    epoch = vote.stand()
    vote.count(epoch, {1: 1}, refused=False, now=0.0)
    assert not vote.renew(epoch - 1, 1, 0.9)
    assert not vote.serves(LEASE_S)
