"""`pay` charges a card at a provider that takes keys itself. A server can crash between any two lines, and a client that hears nothing
sends the same request again. After the lease `keys` gives the work to the retry, and here it charges again, since each try has a provider's
key of its own. Mend it: one charge for each client and key, whatever crashes, and a reply that is the same each time. Two clients may choose the same key.
"""

from snippets.optimizations.idempotency import Keys, Provider, Reply


def pay(keys: Keys, provider: Provider, client: str, key: str, amount: int, now_s: int) -> Reply:
    reply = keys.claim(client, key, str(amount).encode(), now_s)
    if reply is None:
        number = provider.charge(amount, f"{client}/{key}/{now_s}")
        reply = keys.finish(client, key, Reply(201, number))
    return reply


print(pay(Keys(), Provider(), "ann", "k1", 5, 0))
