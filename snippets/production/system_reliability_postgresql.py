"""Fail over to a PostgreSQL standby: which acknowledged rows are there?

Source: PostgreSQL documentation, "Synchronous Replication" and
synchronous_standby_names.
Guarantee: with a synchronous standby a commit returns when the standby has
it on disk, so that it survives the loss of the primary.
Assumes: the second server is a streaming standby of the first. You cut and
mend the link between the two, and kill the primary, when asked.
Left out: who decides to promote, and keeps the old primary from coming back
as a second one.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg

PRIMARY = os.environ.get(
    "DATABASE_URL", "postgresql://postgres@localhost:5432/postgres"
)
STANDBY = os.environ.get(
    "STANDBY_URL", "postgresql://postgres@localhost:5433/postgres"
)
SECONDS = 60  # no wait is longer


def please(fault: str) -> None:
    """Ask whoever runs this for a fault, and wait until it is done."""
    print(f"-> {fault}", file=sys.stderr, flush=True)
    input()


def sql(server: str, *commands: str) -> list:
    """Run commands on a connection of their own; the rows of the last."""
    with psycopg.connect(server, autocommit=True) as db:
        for command in commands:
            cursor = db.execute(command)
        return cursor.fetchall() if cursor.description else []


def until(server: str, query: str) -> None:
    """Wait until a query gives a row."""
    end = time.monotonic() + SECONDS
    while not sql(server, query):
        if time.monotonic() > end:
            raise TimeoutError(query)
        time.sleep(0.02)


# --8<-- [start:replicate]
def replicate(synchronous: bool) -> None:
    """Let commits wait for one standby, any, or for none."""
    names = "ANY 1 (*)" if synchronous else ""
    sql(
        PRIMARY,
        f"ALTER SYSTEM SET synchronous_standby_names = '{names}'",
        "SELECT pg_reload_conf()",
    )
    state = "quorum" if synchronous else "async"
    until(
        PRIMARY,
        f"SELECT 1 FROM pg_stat_replication WHERE sync_state = '{state}'",
    )


def order(number: int) -> str:
    """Commit a row; the answer to the client."""
    sql(PRIMARY, f"INSERT INTO orders VALUES ({number})")
    return f"order {number}: thank you"
# --8<-- [end:replicate]


def orders(server: str) -> list[int]:
    query = "SELECT number FROM orders ORDER BY number"
    return [number for (number,) in sql(server, query)]


# --8<-- [start:promote]
def promote() -> None:
    """Make the standby a primary; return when it takes writes."""
    sql(STANDBY, "SELECT pg_promote(wait => false)")
    until(STANDBY, "SELECT 1 WHERE NOT pg_is_in_recovery()")
# --8<-- [end:promote]


if __name__ == "__main__":
    sql(
        PRIMARY,
        "DROP TABLE IF EXISTS orders",
        "CREATE TABLE orders (number int)",
    )
    replicate(synchronous=True)
    print(order(1))
    #> order 1: thank you

    please("cut the link between the two")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(order, 2)
        until(
            PRIMARY,
            "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
        )
        print("order 2, link cut, answered:", answer.done())
        #> order 2, link cut, answered: False
        please("mend the link between the two")
        print(answer.result(SECONDS))
        #> order 2: thank you

    replicate(synchronous=False)
    please("cut the link between the two")
    print(order(3))
    #> order 3: thank you
    please("kill -9 the primary")
    promote()
    print("after the failover:", orders(STANDBY))
    #> after the failover: [1, 2]
