from exercise import serve_fresh

from snippets.optimizations.asynchronous_processing import Job


def test_whoever_waited_too_long_is_dropped():
    """The third would begin at 4.0, after 3.8 seconds; it may wait 2.5."""
    assert serve_fresh([0.0, 0.1, 0.2], 2.0, 2.5) == [Job(0.0, 0.0, 2.0), Job(0.1, 2.0, 4.0), None]


def test_a_dropped_job_takes_no_time():
    """The worker is free at 4.0, drops the third, and takes the last at once."""
    assert serve_fresh([0.0, 0.1, 0.2, 4.0], 2.0, 2.5)[3] == Job(4.0, 4.0, 6.0)


def test_exactly_patient_enough():
    """A job that has waited exactly patience_s is served."""
    assert serve_fresh([0.0, 0.0], 2.0, 2.0)[1] == Job(0.0, 2.0, 4.0)


def test_the_wait_counts_not_the_work():
    """Work of 2 seconds is no reason to drop a job that begins at once."""
    assert serve_fresh([0.0, 5.0], 2.0, 0.5) == [Job(0.0, 0.0, 2.0), Job(5.0, 5.0, 7.0)]
