from exercise import Reserve


def drained(**fields):
    return Reserve(share=0.1, tokens=0.0, **fields)


def test_a_client_that_asks_seldom_may_retry():
    """One token a second: after half a second there is none, after a second one."""
    reserve = drained(least_per_s=1.0)
    assert reserve.retry_at(0.5) is False
    assert reserve.retry_at(1.0) is True


def test_a_second_is_earned_once():
    """Two retries in the same second: the clock has paid for one of them."""
    reserve = drained(least_per_s=1.0)
    assert [reserve.retry_at(1.0), reserve.retry_at(1.0)] == [True, False]


def test_a_quiet_night_saves_no_more_than_most():
    """After an hour there are `most` tokens, not 3,600."""
    reserve = drained(least_per_s=1.0, most=5.0)
    assert sum(reserve.retry_at(3600.0) for _ in range(10)) == 5


def test_requests_still_earn_their_share():
    """Ten requests at a tenth of a token are a retry, also when the clock gives none."""
    reserve = drained(least_per_s=0.0)
    for _ in range(11):
        reserve.request()
    assert [reserve.retry_at(0.0), reserve.retry_at(0.0)] == [True, False]
