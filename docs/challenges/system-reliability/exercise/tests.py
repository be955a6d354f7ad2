from exercise import Budget


def spent(percent, requests, tries):
    budget = Budget(percent)
    for _ in range(requests):
        budget.request()
    return sum(budget.may_retry() for _ in range(tries))


def test_the_budget_is_spent_and_no_more():
    """10 % of 50 requests are 5 retries, though 1,000 are wished for."""
    assert spent(10, 50, 1000) == 5


def test_it_begins_empty():
    """With 9 requests a first retry would be more than 10 %."""
    assert (spent(10, 9, 5), spent(10, 10, 5)) == (0, 1)


def test_a_refused_retry_costs_nothing():
    """What was refused was not sent. With the requests that come later, there is room again."""
    budget = Budget(10)
    for _ in range(10):
        budget.request()
    answers = [budget.may_retry() for _ in range(50)]
    for _ in range(10):
        budget.request()
    assert (sum(answers), budget.may_retry()) == (1, True)


def test_retries_do_not_feed_the_budget():
    """A retry is no request: 2,000 requests at 50 % allow 1,000 retries, not 2,000."""
    assert spent(50, 2000, 5000) == 1000
