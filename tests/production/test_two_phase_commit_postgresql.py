"""A prepared transaction outlives kill -9, and holds its rows until it is decided."""

import pytest

from snippets.production import two_phase_commit_postgresql as program
from tests.production.servers import ended, play, said

NAME = "two_phase_commit_postgresql"


@pytest.fixture
def banks(start_postgresql, monkeypatch):
    one, two = (start_postgresql("max_prepared_transactions=10") for _ in range(2))
    monkeypatch.setattr(program, "ONE", one.url)
    monkeypatch.setattr(program, "TWO", two.url)
    with ended(one, two):
        yield one, two


def test_it_prints_what_its_comments_say(banks):
    one, two = banks

    def kill_and_start():
        two.kill9()
        two.start()

    assert play(
        NAME,
        {"DATABASE_URL": one.url, "DATABASE_2_URL": two.url},
        {"kill -9 the second server and start it again": kill_and_start},
    ) == said(NAME)


def test_a_transaction_in_doubt_may_be_rolled_back_instead_and_frees_the_row(banks):
    _, two = banks
    program.set_up()
    program.prepare(two.url, "ann", +30)
    assert not program.can_deposit(two.url, "ann")
    assert program.can_deposit(two.url, "bob")  # one row, not the table
    program.sql(two.url, "ROLLBACK PREPARED 'ann'")
    assert program.balances("ann") == (100, 100)
    assert program.can_deposit(two.url, "ann")
