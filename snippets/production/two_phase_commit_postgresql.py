"""Move money between two PostgreSQL servers, one of which is killed midway.

Source: Gray, "Notes on Data Base Operating Systems", 1978, section 5.8.3.3;
PostgreSQL documentation, PREPARE TRANSACTION.
Guarantee: a prepared transaction survives a crash, and so does its hold on
its rows, until somebody commits it or rolls it back.
Assumes: both servers run with max_prepared_transactions above 0. This process
remembers the decision.
Left out: a log of decisions on disk. If this process dies between the two
phases, nobody knows what to do with a transaction that is in doubt.
"""

import os
import sys

import psycopg
from psycopg.errors import LockNotAvailable

ONE = os.environ.get(
    "DATABASE_URL", "postgresql://postgres@localhost:5432/postgres"
)
TWO = os.environ.get(
    "DATABASE_2_URL", "postgresql://postgres@localhost:5433/postgres"
)


def please(fault: str) -> None:
    """Ask whoever runs this for a fault, and wait until it is done."""
    print(f"-> {fault}", file=sys.stderr, flush=True)
    input()


def sql(bank: str, *commands: str) -> list:
    """Run commands on a connection of their own; the rows of the last."""
    with psycopg.connect(bank, autocommit=True) as db:
        for command in commands:
            cursor = db.execute(command)
        return cursor.fetchall() if cursor.description else []


def add(name: str, amount: int) -> str:
    return (
        f"UPDATE account SET balance = balance + {amount} "
        f"WHERE name = '{name}'"
    )


# --8<-- [start:prepare]
def prepare(bank: str, name: str, amount: int) -> None:
    """Phase 1: do the work, and promise to commit it whenever asked."""
    sql(bank, "BEGIN", add(name, amount), f"PREPARE TRANSACTION '{name}'")


def commit(bank: str, name: str) -> None:
    """Phase 2. The promise holds, however long it took to come here."""
    sql(bank, f"COMMIT PREPARED '{name}'")
# --8<-- [end:prepare]


def balances(name: str) -> tuple:
    query = f"SELECT balance FROM account WHERE name = '{name}'"
    return tuple(sql(bank, query)[0][0] for bank in (ONE, TWO))


def in_doubt(bank: str) -> list[str]:
    rows = sql(bank, "SELECT gid FROM pg_prepared_xacts ORDER BY gid")
    return [gid for (gid,) in rows]


def can_deposit(bank: str, name: str) -> bool:
    """Whether another transaction gets the row within a tenth of a second."""
    try:
        sql(bank, "SET lock_timeout = '100ms'", add(name, 0))
    except LockNotAvailable:
        return False
    return True


def set_up() -> None:
    for bank in (ONE, TWO):
        for name in in_doubt(bank):
            sql(bank, f"ROLLBACK PREPARED '{name}'")
        sql(
            bank,
            "DROP TABLE IF EXISTS account",
            "CREATE TABLE account (name text PRIMARY KEY, balance int)",
            "INSERT INTO account VALUES ('ann', 100), ('bob', 100)",
        )


if __name__ == "__main__":
    set_up()
    # Ann's transfer has two phases.
    prepare(ONE, "ann", -30)
    prepare(TWO, "ann", +30)
    # Bob's has one: commit here, then there.
    there = psycopg.connect(TWO)
    there.execute(add("bob", +30))
    sql(ONE, add("bob", -30))

    please("kill -9 the second server and start it again")
    try:
        there.commit()
    except psycopg.OperationalError:
        print("bob:", *balances("bob"), "and 30 are gone")
        #> bob: 70 100 and 30 are gone
    print("in doubt:", in_doubt(TWO), *balances("ann"))
    #> in doubt: ['ann'] 100 100
    print("others may deposit:", can_deposit(TWO, "ann"))
    #> others may deposit: False

    commit(ONE, "ann")
    commit(TWO, "ann")
    print("ann:", *balances("ann"))
    #> ann: 70 130
    print("others may deposit:", can_deposit(TWO, "ann"))
    #> others may deposit: True
