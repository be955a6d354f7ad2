"""A JetStream consumer that crashes after its effect, with and without memory.

Source: Helland, "Idempotence Is Not a Medical Condition", 2012; NATS
documentation, "Consumers" (AckWait).
Guarantee: delivered at least once, and one row for each order, because the
effect and the record of its id are one INSERT.
Assumes: the effect is in the same database as the record.
Left out: effects elsewhere, such as a card that is charged. They need the id,
too.
"""

import asyncio
import os
import time
from contextlib import suppress

import nats
import psycopg
from nats.js.api import ConsumerConfig, StreamConfig
from nats.js.errors import NotFoundError

NATS = os.environ.get("NATS_URL", "nats://localhost:4222")
DATABASE = os.environ.get(
    "DATABASE_URL", "postgresql://postgres@localhost:5432/postgres"
)
STREAM, SUBJECT = "ASYNC", "async.orders"
ORDERS = 10
SECONDS = 60  # no wait is longer


# --8<-- [start:insert]
NAIVE = "INSERT INTO payments (order_id) VALUES (%s)"
IDEMPOTENT = NAIVE + " ON CONFLICT (order_id) DO NOTHING"
# --8<-- [end:insert]


# --8<-- [start:consume]
async def consume(consumer, db, insert: str, crash_at: int) -> int:
    """Pay for all orders. The first delivery of one gets no answer.

    That is what a crash between the commit and the acknowledgement looks
    like from outside. Returns how many deliveries were repeated.
    """
    paid, repeated = set(), 0
    end = time.monotonic() + SECONDS
    while len(paid) < ORDERS and time.monotonic() < end:
        try:
            (message,) = await consumer.fetch(1, timeout=1)
        except nats.errors.TimeoutError:
            continue
        order, delivery = int(message.data), message.metadata.num_delivered
        db.execute(insert, [order])  # commits
        repeated += delivery > 1
        if order == crash_at and delivery == 1:
            continue
        await message.ack_sync()
        paid.add(order)
    return repeated
# --8<-- [end:consume]


async def set_up(js, db) -> None:
    """An empty stream and table, then the orders."""
    with suppress(NotFoundError):
        await js.delete_stream(STREAM)
    await js.add_stream(StreamConfig(name=STREAM, subjects=[SUBJECT]))
    db.execute("DROP TABLE IF EXISTS payments")
    db.execute("CREATE TABLE payments (order_id int)")
    for order in range(ORDERS):
        await js.publish(SUBJECT, str(order).encode())


async def run(insert: str, crash_at: int = 5) -> tuple[int, int, int]:
    """Repeated deliveries, rows, and different orders among them."""
    connection = await nats.connect(NATS)
    js = connection.jetstream()
    with psycopg.connect(DATABASE, autocommit=True) as db:
        await set_up(js, db)
        if insert is IDEMPOTENT:
            db.execute("ALTER TABLE payments ADD UNIQUE (order_id)")
        consumer = await js.pull_subscribe(
            SUBJECT, durable="payer", config=ConsumerConfig(ack_wait=2)
        )
        repeated = await consume(consumer, db, insert, crash_at)
        rows, orders = db.execute(
            "SELECT count(*), count(DISTINCT order_id) FROM payments"
        ).fetchone()
        db.execute("DROP TABLE payments")
    await js.delete_stream(STREAM)
    await connection.close()
    return repeated, rows, orders


if __name__ == "__main__":
    repeated, rows, orders = asyncio.run(run(NAIVE))
    print("delivered again:", repeated > 0, "- orders:", orders)
    #> delivered again: True - orders: 10
    print("INSERT: paid twice:", rows > orders)
    #> INSERT: paid twice: True
    repeated, rows, orders = asyncio.run(run(IDEMPOTENT))
    print("delivered again:", repeated > 0, "- orders:", orders)
    #> delivered again: True - orders: 10
    print("ON CONFLICT DO NOTHING: paid twice:", rows > orders)
    #> ON CONFLICT DO NOTHING: paid twice: False
