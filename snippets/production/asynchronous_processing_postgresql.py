"""A transactional outbox in PostgreSQL, emptied by several relays at once.

Source: Gray, "Queues Are Databases", 1995; PostgreSQL documentation, SELECT
(SKIP LOCKED) and "Logical Decoding".
Guarantee: an order and its event are there together or not at all; while no
relay dies, each event is handed over once.
Assumes: wal_level=logical, for the second way to read the outbox.
Left out: a relay that dies after it has handed an event over and before its
commit hands it over again. The receiver must know what it has seen.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg

URL = os.environ.get(
    "DATABASE_URL", "postgresql://postgres@localhost:5432/postgres"
)
EVENTS, RELAYS = 200, 4


# --8<-- [start:order]
def order(db: psycopg.Connection, number: int, fails: bool = False) -> None:
    """The order and its event, in one transaction."""
    with db.transaction():
        db.execute("INSERT INTO orders VALUES (%s)", [number])
        db.execute("INSERT INTO outbox (event) VALUES (%s)", [number])
        if fails:
            raise psycopg.Rollback
# --8<-- [end:order]


# --8<-- [start:relay]
def relay(db, hand_over, lock="FOR UPDATE SKIP LOCKED") -> bool:
    """Hand over the oldest event that no other relay holds, if any."""
    with db.transaction():
        row = db.execute(
            f"SELECT id, event FROM outbox ORDER BY id LIMIT 1 {lock}"
        ).fetchone()
        if row is None:
            return False
        hand_over(row[1])
        db.execute("DELETE FROM outbox WHERE id = %s", [row[0]])
    return True
# --8<-- [end:relay]


def connect() -> psycopg.Connection:
    return psycopg.connect(URL, autocommit=True)


def empty(lock: str, handed_over: list) -> None:
    """One relay, until it finds no event that is free."""
    with connect() as db:
        while relay(db, handed_over.append, lock):
            pass


# --8<-- [start:decode]
def decoded(db: psycopg.Connection) -> list[str]:
    """New rows of the outbox in the order of their commits, from the log."""
    rows = db.execute(
        "SELECT data FROM pg_logical_slot_get_changes('relay', NULL, NULL, "
        "'skip-empty-xacts', 'on') "
        "WHERE data LIKE 'table public.outbox: INSERT%'"
    )
    return [data.rpartition(":")[2] for (data,) in rows]
# --8<-- [end:decode]


def set_up(db: psycopg.Connection) -> None:
    db.execute("DROP TABLE IF EXISTS orders, outbox")
    db.execute("CREATE TABLE orders (number int)")
    db.execute(
        "CREATE TABLE outbox ("
        "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event int)"
    )


if __name__ == "__main__":
    with connect() as db:
        set_up(db)
        db.execute(
            "SELECT pg_create_logical_replication_slot("
            "'relay', 'test_decoding')"
        )
        order(db, 1)
        order(db, 2, fails=True)
        order(db, 3)
        print("orders:", [n for (n,) in db.execute("SELECT * FROM orders")])
        #> orders: [1, 3]
        print("events in the log:", decoded(db))
        #> events in the log: ['1', '3']
        db.execute("SELECT pg_drop_replication_slot('relay')")

        # Without a lock both relays read before either deletes.
        both_read, seen = threading.Barrier(2), []

        def hand_over(event):
            seen.append(event)
            both_read.wait(timeout=30)

        def one_event(lock):
            with connect() as own:
                relay(own, hand_over, lock)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(one_event, ["", ""]))
        print("two relays, no lock:", seen)
        #> two relays, no lock: [1, 1]

        set_up(db)
        order(db, 1)
        order(db, 3)
        seen.clear()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(one_event, ["FOR UPDATE SKIP LOCKED"] * 2))
        print("two relays, SKIP LOCKED:", sorted(seen))
        #> two relays, SKIP LOCKED: [1, 3]

        for number in range(EVENTS):
            order(db, number)
        done = []
        with ThreadPoolExecutor(RELAYS) as pool:
            for _ in range(RELAYS):
                pool.submit(empty, "FOR UPDATE SKIP LOCKED", done)
        print("events", len(done), "different", len(set(done)))
        #> events 200 different 200
