"""An outbox holds what was committed, and SKIP LOCKED hands each event to one relay."""

import psycopg
import pytest

from snippets.production import asynchronous_processing_postgresql as program
from tests.production.servers import play, said

NAME = "asynchronous_processing_postgresql"


def test_it_prints_what_its_comments_say(postgresql):
    assert play(NAME, {"DATABASE_URL": postgresql}) == said(NAME)


@pytest.fixture
def db(postgresql):
    with psycopg.connect(postgresql, autocommit=True) as db:
        program.set_up(db)
        yield db


def test_a_relay_that_dies_between_hand_over_and_commit_hands_over_twice(db):
    """What the docstring leaves out: at least once, so the receiver must know what it saw."""
    handed_over = []

    def dies(event):
        handed_over.append(event)
        raise ConnectionError

    program.order(db, 7)
    with pytest.raises(ConnectionError):
        program.relay(db, dies)
    assert program.relay(db, handed_over.append)
    assert not program.relay(db, handed_over.append)
    assert handed_over == [7, 7]


def test_a_plain_for_update_waits_for_the_other_relay_instead_of_passing_it(db, postgresql):
    """SKIP LOCKED is what lets relays work side by side; FOR UPDATE alone queues them."""
    program.order(db, 1)
    program.order(db, 2)
    with psycopg.connect(postgresql) as other:
        other.execute("SELECT id FROM outbox ORDER BY id LIMIT 1 FOR UPDATE")
        db.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            program.relay(db, print, "FOR UPDATE")
        taken = []
        assert program.relay(db, taken.append) and taken == [2]
