"""At-least-once delivery pays twice, unless the payment knows its order."""

import asyncio

import pytest

from snippets.production import asynchronous_processing_nats as program
from tests.production.servers import play, said

NAME = "asynchronous_processing_nats"


def test_it_prints_what_its_comments_say(nats_url, postgresql):
    assert play(NAME, {"NATS_URL": nats_url, "DATABASE_URL": postgresql}) == said(NAME)


@pytest.mark.parametrize("insert", [program.NAIVE, program.IDEMPOTENT])
def test_without_a_crash_both_pay_for_every_order(nats_url, postgresql, monkeypatch, insert):
    """The repetition is the crash's; only a stalled machine could add one of its own."""
    monkeypatch.setattr(program, "NATS", nats_url)
    monkeypatch.setattr(program, "DATABASE", postgresql)
    repeated, rows, orders = asyncio.run(program.run(insert, crash_at=-1))
    assert orders == program.ORDERS
    assert rows == orders + (repeated if insert is program.NAIVE else 0)
