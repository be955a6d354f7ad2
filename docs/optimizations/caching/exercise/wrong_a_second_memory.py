"""Remembers absent keys beside the cache: that memory is never evicted, and grows with every wrong key."""

ABSENT = {}


def get_or_load(cache, key, load):
    absent = ABSENT.setdefault(id(cache), (cache, set()))[1]
    if key in absent:
        return None
    value = cache.get(key)
    if value is None:
        value = load(key)
        absent.add(key) if value is None else cache.put(key, value)
    return value
