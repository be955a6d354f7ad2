"""JetStream notices a repeated publication, for a while, and repeats what is not acknowledged."""

import asyncio

import nats

from snippets.production import idempotency_nats as program
from tests.production.servers import ended, play, said


def test_it_prints_what_its_comments_say(nats_url):
    assert play("idempotency_nats", {"NATS_URL": nats_url}) == said("idempotency_nats")


def test_without_an_id_every_try_is_stored(nats_url):
    """So it is the id that removes the duplicate above."""

    async def run():
        connection = await nats.connect(nats_url)
        js = connection.jetstream()
        await program.set_up(js)
        for _ in range(3):
            await js.publish(program.SUBJECT, b"order-1")
        count = await program.stored(js)
        await connection.close()
        return count

    assert asyncio.run(run()) == 3


def test_what_was_acknowledged_survives_kill_9_of_the_server(start_nats):
    """Of the process, not of the power: the kernel still has what it had written."""

    async def publish(url):
        connection = await nats.connect(url)
        js = connection.jetstream()
        await program.set_up(js)
        for number in range(50):
            assert await program.publish(js, f"order-{number}") == "stored"
        await connection.close()

    async def count(url):
        connection = await nats.connect(url)
        found = await program.stored(connection.jetstream())
        await connection.close()
        return found

    with ended(start_nats()) as server:
        asyncio.run(publish(server.url))
        server.kill9()
        server.start()
        assert asyncio.run(count(server.url)) == 50


def test_the_default_window_is_what_the_page_says(nats_url):
    async def run():
        connection = await nats.connect(nats_url)
        js = connection.jetstream()
        made = await js.add_stream(name="DEFAULTS", subjects=["defaults"])
        await js.delete_stream("DEFAULTS")
        await connection.close()
        return made.config.duplicate_window

    assert asyncio.run(run()) == 120  # seconds
