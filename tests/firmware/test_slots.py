"""A trial that came over a link: it counts the time awake over all boots, and ends by a proof or by going back."""

from expect import raises
from flash import Folder
from unslouch_device.slots import AWAKE_STEP_MS, AWAKE_STEPS, Trial, confirm, read, write


def begun(folder, state="ba3", mark="b0"):
    """Write what an update leaves, and return the folder as main.py has it."""
    folder += "/"
    write(folder + "slot", state)
    write(folder + "slot.air", mark)
    return folder


def pass_steps(folder, steps):
    """Live one boot of so many steps without a proof; return whether the earlier pack has to be started."""
    trial = Trial(folder)
    goes_back = False
    for step in range(1, steps + 1):
        assert not trial.is_due(step * AWAKE_STEP_MS - 1, False)
        assert trial.is_due(step * AWAKE_STEP_MS, False)
        goes_back = trial.step(step * AWAKE_STEP_MS, False)
    return goes_back


def test_after_half_an_hour_awake_without_a_proof_the_pack_before_is_active():
    with Folder() as folder:
        slots = begun(folder)
        assert AWAKE_STEP_MS * AWAKE_STEPS == 30 * 60 * 1000
        assert not pass_steps(slots, AWAKE_STEPS - 1)
        assert read(slots + "slot") == "ba3"
        slots = begun(folder)
        assert pass_steps(slots, AWAKE_STEPS)
        assert read(slots + "slot") == "a"


def test_time_awake_adds_up_over_several_boots():
    with Folder() as folder:
        slots = begun(folder)
        for _ in range(AWAKE_STEPS - 1):
            assert not pass_steps(slots, 1)
        assert read(slots + "slot") == "ba3"
        assert pass_steps(slots, 1)
        assert read(slots + "slot") == "a"
        assert Trial(slots).is_over


def test_a_proof_makes_the_pack_active_and_clears_the_mark():
    with Folder() as folder:
        slots = begun(folder, "ba1", "b4")
        trial = Trial(slots)
        assert trial.over_link and not trial.is_over
        assert trial.is_due(1, True)
        assert not trial.step(1, True)
        assert trial.is_over
        assert (read(slots + "slot"), read(slots + "slot.air")) == ("b", "")


def test_a_pack_without_one_before_it_goes_on():
    with Folder() as folder:
        slots = begun(folder, "a-2", "a%d" % (AWAKE_STEPS - 1))
        trial = Trial(slots)
        assert not trial.step(AWAKE_STEP_MS, False)
        assert not trial.over_link  # from here on a good run is a proof
        assert read(slots + "slot") == "a-2"


def test_only_the_pack_that_the_mark_names_came_over_a_link():
    with Folder() as folder:
        for state, mark, over_link, is_over in (
            ("ab3", "b6", False, False),
            ("a", "b6", False, True),
            ("ba3", "", False, False),
            ("ba3", "b2", True, False),
            ("b", "b2", False, True),
        ):
            trial = Trial(begun(folder, state, mark))
            assert (trial.over_link, trial.is_over) == (over_link, is_over)
        assert Trial(None).is_over


def test_confirming_leaves_the_mark_of_another_pack():
    with Folder() as folder:
        slots = begun(folder, "a-2", "b6")
        confirm(slots)
        assert (read(slots + "slot"), read(slots + "slot.air")) == ("a", "b6")


def test_flash_that_fails_changes_nothing():
    with Folder() as folder:
        slots = begun(folder, "ba2", "b0")
        trial = Trial(slots)
        trial._folder = folder + "/missing/"
        with raises(OSError):
            trial.step(AWAKE_STEP_MS, False)
        assert not trial.is_over
        assert read(slots + "slot") == "ba2"
