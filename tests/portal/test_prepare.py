"""Work that is done is not done again."""

from portal.management.commands.prepare import Stamp


def test_stamp_is_fresh_only_for_the_input_it_was_pressed_for(tmp_path):
    path = tmp_path / "new" / "stamp"

    before = Stamp(path, "a").is_fresh()
    Stamp(path, "a").press()

    assert [before, Stamp(path, "a").is_fresh(), Stamp(path, "b").is_fresh()] == [False, True, False]
