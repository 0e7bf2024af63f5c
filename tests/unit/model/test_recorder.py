"""What a recorder keeps."""

from insvc.adapters.wire import from_json, to_json
from insvc.model.recorder import Event, Sample


def test_a_sample_survives_its_way_through_json() -> None:
    one = Sample(at=1.5, boot="b", over_s=30.0, cpu={"all": {"idle": 99.5}}, unseen=("x: no",))
    assert from_json(Sample, to_json(one)) == one


def test_an_event_survives_its_way_through_json() -> None:
    one = Event(at=1.0, subject="interface lo", after="up, carrier")
    assert from_json(Event, to_json(one)) == one
