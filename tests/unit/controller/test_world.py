from tests.fakes.cloud import host, instance, scene


def test_a_world_is_one_cloud_with_everything_a_run_needs() -> None:
    made = scene([host("h1", instance("a", 1)), host("h2")])
    world = made.world()
    assert [one.name for one in world.topology.hosts] == ["h1", "h2"]
    assert world.agents is made.cloud
    assert world.journal is made.journal
    assert world.catalog.entry_of("a") is not None
