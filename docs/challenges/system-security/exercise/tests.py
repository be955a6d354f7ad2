from exercise import Window


def answers(numbers, size=64):
    window = Window(size)
    return [window.accept(n) for n in numbers]


def test_reordered_packets_are_accepted():
    """3 overtook 2; both are new."""
    assert answers([1, 3, 2]) == [True, True, True]


def test_a_replay_is_refused_wherever_it_comes():
    """Each of these numbers was accepted before."""
    assert answers([1, 3, 2, 3, 2, 1])[3:] == [False, False, False]


def test_what_is_older_than_the_window_is_refused():
    """With 4 numbers, 10 leaves 7 to 10: 7 may still come, 6 may not."""
    assert answers([10, 7, 6], size=4) == [True, True, False]


def test_the_window_slides_without_forgetting():
    """After 5 has come, 3 is still within the window, and still used."""
    assert answers([3, 5, 3, 4, 4], size=4) == [True, True, False, True, False]


def test_memory_stays_bounded():
    """A connection lives for billions of packets; the window holds at most 64 numbers."""
    window = Window(64)
    for n in range(1, 3000):
        window.accept(n)
    held = [len(v) for v in vars(window).values() if isinstance(v, (set, list, dict, tuple))]
    assert sum(held) <= 65
