"""Hands on the client's key alone: two clients with the same key share one charge."""

from snippets.optimizations.idempotency import Keys, Provider, Reply


def pay(keys: Keys, provider: Provider, client: str, key: str, amount: int, now_s: int) -> Reply:
    reply = keys.claim(client, key, str(amount).encode(), now_s)
    if reply is None:
        number = provider.charge(amount, key)
        reply = keys.finish(client, key, Reply(201, number))
    return reply
