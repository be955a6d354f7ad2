"""Stores the reply before the charge, so that a crash between them loses the payment."""

from snippets.optimizations.idempotency import Keys, Provider, Reply


def pay(keys: Keys, provider: Provider, client: str, key: str, amount: int, now_s: int) -> Reply:
    reply = keys.claim(client, key, str(amount).encode(), now_s)
    if reply is None:
        number = f"charge {len(provider.charges) + 1}"
        reply = keys.finish(client, key, Reply(201, number))
        provider.charge(amount, f"{client}/{key}")
    return reply
