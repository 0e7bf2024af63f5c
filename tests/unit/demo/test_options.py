from pathlib import Path

from insvc.demo.options import DemoOptions


def options(**chosen: object) -> DemoOptions:
    return DemoOptions(cloud=Path("cloud"), output=Path(), **chosen)  # type: ignore[arg-type]


def test_the_second_patch_belongs_to_the_whole_story_only() -> None:
    assert options().is_whole_story
    assert options(keep=True).is_whole_story
    assert not options(names=("cinder",)).is_whole_story
    assert not options(fail="cinder-api").is_whole_story
    assert not options(kill_controller=True).is_whole_story
