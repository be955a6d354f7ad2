"""Write skew on PostgreSQL: two doctors go off call, and nobody is left.

Source: Berenson et al., "A Critique of ANSI SQL Isolation Levels", 1995,
anomaly A5B; Ports and Grittner, "Serializable Snapshot Isolation in
PostgreSQL", 2012, section 2.1.
Guarantee: transactions that commit under SERIALIZABLE have the effect of some
order, one after the other. The price is error 40001: run it again, whole.
Left out: SELECT ... FOR UPDATE, which ends this one anomaly by a lock.
"""

import os

import psycopg
from psycopg.errors import SerializationFailure

URL = os.environ.get(
    "DATABASE_URL", "postgresql://postgres@localhost:5432/postgres"
)
REPEATABLE_READ = psycopg.IsolationLevel.REPEATABLE_READ
SERIALIZABLE = psycopg.IsolationLevel.SERIALIZABLE


# --8<-- [start:leave]
def on_call(db: psycopg.Connection) -> int:
    query = "SELECT count(*) FROM doctors WHERE on_call"
    return db.execute(query).fetchone()[0]


def leave(db: psycopg.Connection, name: str, meanwhile=lambda: None) -> bool:
    """Go off call if another doctor stays; whether it was allowed."""
    with db.transaction():
        others = on_call(db) - 1
        meanwhile()
        if others < 1:
            return False
        db.execute(
            "UPDATE doctors SET on_call = false WHERE name = %s", [name]
        )
    return True
# --8<-- [end:leave]


# --8<-- [start:retry]
def leave_or_retry(db, name, meanwhile=lambda: None) -> tuple[bool, int]:
    """leave(), again after each 40001; the answer and the number of tries."""
    for tries in range(1, 11):
        try:
            return leave(db, name, meanwhile), tries
        except SerializationFailure:
            meanwhile = lambda: None  # noqa: E731 - it has happened
    raise RuntimeError(f"{name} met a conflict ten times in a row")
# --8<-- [end:retry]


def both_leave(level: psycopg.IsolationLevel) -> tuple:
    """Ann reads; Bob reads, writes and commits; Ann writes. Who may, tries."""
    with psycopg.connect(URL, autocommit=True) as ann, psycopg.connect(
        URL, autocommit=True
    ) as bob:
        ann.execute("DROP TABLE IF EXISTS doctors")
        ann.execute(
            "CREATE TABLE doctors (name text PRIMARY KEY, on_call bool)"
        )
        ann.execute("INSERT INTO doctors VALUES ('ann', true), ('bob', true)")
        ann.isolation_level = bob.isolation_level = level
        answers = {}

        def bob_leaves():
            answers["bob"] = leave(bob, "bob")

        answers["ann"], tries = leave_or_retry(ann, "ann", bob_leaves)
        left = on_call(ann)
        ann.execute("DROP TABLE doctors")
    return answers, tries, left


if __name__ == "__main__":
    for level in (REPEATABLE_READ, SERIALIZABLE):
        answers, tries, left = both_leave(level)
        print(f"{level.name}: bob may leave: {answers['bob']},", end=" ")
        print(f"ann: {answers['ann']} after {tries}; on call: {left}")
        #> REPEATABLE_READ: bob may leave: True, ann: True after 1; on call: 0
        #> SERIALIZABLE: bob may leave: True, ann: False after 2; on call: 1
