"""Snapshot isolation lets two doctors leave at once; SERIALIZABLE lets one."""

import psycopg
import pytest

from snippets.production import data_consistency_postgresql as program
from tests.production.servers import play, said

NAME = "data_consistency_postgresql"


def test_it_prints_what_its_comments_say(postgresql):
    assert play(NAME, {"DATABASE_URL": postgresql}) == said(NAME)


@pytest.mark.parametrize("level", [program.REPEATABLE_READ, program.SERIALIZABLE])
def test_one_after_the_other_nobody_is_refused_twice(postgresql, monkeypatch, level):
    """The anomaly is of the overlap: without one, the second sees the first at any level."""
    monkeypatch.setattr(program, "URL", postgresql)
    with psycopg.connect(postgresql, autocommit=True) as db:
        db.execute("CREATE TABLE doctors (name text PRIMARY KEY, on_call bool)")
        db.execute("INSERT INTO doctors VALUES ('ann', true), ('bob', true)")
        db.isolation_level = level
        assert program.leave_or_retry(db, "bob") == (True, 1)
        assert program.leave_or_retry(db, "ann") == (False, 1)
        assert program.on_call(db) == 1
