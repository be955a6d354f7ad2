"""Asynchronous replication loses an acknowledged row, synchronous replication waits."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from snippets.production import system_reliability_postgresql as program
from tests.production.conftest import not_root
from tests.production.servers import FaultProxy, ended, play, said

NAME = "system_reliability_postgresql"


@pytest.fixture
def pair(start_postgresql, tmp_path, monkeypatch):
    """A primary, its streaming standby, and the link between them."""
    primary = start_postgresql()
    link, data = FaultProxy(primary.port), tmp_path / "standby"
    with ended(primary, link):
        done = subprocess.run(
            [
                *(*not_root(), primary.programs / "pg_basebackup", "-D", data, "-R"),
                *("-d", f"host=127.0.0.1 port={link.port} user=postgres", "-c", "fast", "--no-sync"),
            ],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        with ended(start_postgresql(data=data)) as standby:
            monkeypatch.setattr(program, "PRIMARY", primary.url)
            monkeypatch.setattr(program, "STANDBY", standby.url)
            yield primary, standby, link


def test_it_prints_what_its_comments_say(pair):
    primary, standby, link = pair
    assert play(
        NAME,
        {"DATABASE_URL": primary.url, "STANDBY_URL": standby.url},
        {
            "cut the link between the two": link.cut,
            "mend the link between the two": link.heal,
            "kill -9 the primary": primary.kill9,
        },
    ) == said(NAME)


def test_what_was_acknowledged_synchronously_is_there_after_the_failover(pair):
    """Twenty rows, the primary killed at once behind the last answer: none is missing."""
    primary, _, _ = pair
    program.sql(primary.url, "CREATE TABLE orders (number int)")
    program.replicate(synchronous=True)
    for number in range(20):
        program.order(number)
    primary.kill9()
    program.promote()
    assert program.orders(program.STANDBY) == list(range(20))


def test_who_cancels_the_wait_has_committed_all_the_same(pair):
    """The page says so: the answer is a warning, and the row is on the primary alone."""
    primary, standby, link = pair
    program.sql(primary.url, "CREATE TABLE orders (number int)")
    program.replicate(synchronous=True)
    program.order(1)
    link.cut()
    warnings = []
    waits = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    with ThreadPoolExecutor(1) as pool, psycopg.connect(primary.url, autocommit=True) as db:
        db.add_notice_handler(lambda notice: warnings.append(notice.message_primary))
        answer = pool.submit(db.execute, "INSERT INTO orders VALUES (2)")
        program.until(primary.url, f"SELECT 1 {waits}")
        program.sql(primary.url, f"SELECT pg_cancel_backend(pid) {waits}")
        answer.result(program.SECONDS)
    assert warnings == ["canceling wait for synchronous replication due to user request"]
    assert program.orders(primary.url) == [1, 2] and program.orders(standby.url) == [1]
