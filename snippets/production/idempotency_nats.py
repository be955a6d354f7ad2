"""What NATS JetStream repeats, and for how long it notices a repetition.

Source: NATS documentation, "JetStream", "Message Deduplication" and
"Consumers" (AckWait).
Guarantee: within the stream's window a message id is stored once. A message
that was not acknowledged is delivered again.
Assumes: a publisher that sends the same id with every try.
Left out: a stream of several replicas, the same program with num_replicas=3.
"""

import asyncio
import os
import time
from contextlib import suppress

import nats
from nats.js.api import ConsumerConfig, StreamConfig
from nats.js.errors import NotFoundError

URL = os.environ.get("NATS_URL", "nats://localhost:4222")
STREAM, SUBJECT = "IDEMPOTENCY", "idempotency.orders"
WINDOW_S = 5  # the default is two minutes
ACK_WAIT_S = 2  # then a message is delivered again
SECONDS = 60  # no wait is longer


# --8<-- [start:publish]
async def publish(js, order: str) -> str:
    """Store an order, unless its id was stored within the window."""
    answer = await js.publish(
        SUBJECT, order.encode(), headers={"Nats-Msg-Id": order}
    )
    return "a duplicate" if answer.duplicate else "stored"
# --8<-- [end:publish]


async def stored(js) -> int:
    return (await js.stream_info(STREAM)).state.messages


async def set_up(js) -> None:
    with suppress(NotFoundError):
        await js.delete_stream(STREAM)
    await js.add_stream(
        StreamConfig(
            name=STREAM, subjects=[SUBJECT], duplicate_window=WINDOW_S
        )
    )


async def until_stored(js, order: str) -> None:
    """Publish until it is no duplicate any more."""
    end = time.monotonic() + SECONDS
    while await publish(js, order) != "stored":
        if time.monotonic() > end:
            raise TimeoutError("the window never closed")
        await asyncio.sleep(0.1)


# --8<-- [start:consume]
async def consume(js, acknowledge: bool, name: str) -> list[int]:
    """Fetch the first message twice: which delivery is it each time?"""
    consumer = await js.pull_subscribe(
        SUBJECT, durable=name, config=ConsumerConfig(ack_wait=ACK_WAIT_S)
    )
    counts = []
    for patience_s in (SECONDS, ACK_WAIT_S + 1 if acknowledge else SECONDS):
        try:
            (message,) = await consumer.fetch(1, timeout=patience_s)
        except nats.errors.TimeoutError:
            break
        counts.append(message.metadata.num_delivered)
        if acknowledge:
            await message.ack_sync()
    await consumer.unsubscribe()
    return counts
# --8<-- [end:consume]


async def main() -> None:
    connection = await nats.connect(URL)
    js = connection.jetstream()
    await set_up(js)
    # The answer to the first try is lost, so the client tries again.
    print(await publish(js, "order-1"), "then", await publish(js, "order-1"))
    #> stored then a duplicate
    print("messages in the stream:", await stored(js))
    #> messages in the stream: 1
    print("not acknowledged, deliveries", await consume(js, False, "deaf"))
    #> not acknowledged, deliveries [1, 2]
    print("acknowledged, deliveries", await consume(js, True, "polite"))
    #> acknowledged, deliveries [1]
    await until_stored(js, "order-1")
    print("a try after the window: messages", await stored(js))
    #> a try after the window: messages 2
    await js.delete_stream(STREAM)
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main())
