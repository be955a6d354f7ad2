"""Stores a word for absence, and takes every value that is false for a miss."""


def get_or_load(cache, key, load):
    value = cache.get(key)
    if not value:
        value = load(key)
        cache.put(key, "absent" if value is None else value)
    return None if value == "absent" else value
