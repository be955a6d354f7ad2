"""Find the node of a key in a Valkey Cluster by hand, as its clients do.

Source: Valkey Cluster specification, "Key distribution model", "Hash tags"
and "MOVED Redirection".
Guarantee: the slot depends on the key alone: CRC16 modulo 16,384, of the
whole key or of what stands between its first braces.
Assumes: a cluster whose slots are all served.
Left out: ASK, which is MOVED for one request while a slot is on its way.
"""

import os
from binascii import crc_hqx

import redis
from redis.cluster import RedisCluster
from redis.exceptions import ClusterCrossSlotError, MovedError

URL = os.environ.get("VALKEY_CLUSTER_URL", "redis://localhost:7000")
SLOTS = 16_384


# --8<-- [start:slot]
def slot(key: bytes) -> int:
    """The slot of a key. binascii.crc_hqx is the CRC16 the cluster uses."""
    begin = key.find(b"{")
    if begin >= 0:
        end = key.find(b"}", begin + 1)
        if end > begin + 1:  # an empty tag is no tag
            key = key[begin + 1 : end]
    return crc_hqx(key, 0) % SLOTS
# --8<-- [end:slot]


# --8<-- [start:moved]
def ask(node: redis.Redis, key: str) -> str:
    """Ask one node, which serves some slots, for any key."""
    try:
        return f"value {node.get(key)}"
    except MovedError as error:
        # It also names the node to ask: MOVED 12182 127.0.0.1:7002
        return f"MOVED {error.slot_id}"
# --8<-- [end:moved]


def owners(cluster: RedisCluster) -> dict[int, str]:
    """The node of each slot, by the cluster's own table."""
    return {
        number: node[0].name
        for number, node in cluster.nodes_manager.slots_cache.items()
    }


if __name__ == "__main__":
    cluster = RedisCluster.from_url(URL, decode_responses=True)
    table = owners(cluster)
    print(f"{len(table)} slots on {len(set(table.values()))} nodes")
    #> 16384 slots on 3 nodes
    keys = [f"user:{n}" for n in range(1000)]
    right = sum(cluster.keyslot(k) == slot(k.encode()) for k in keys)
    print(f"slot() agrees with the client on {right} of {len(keys)} keys")
    #> slot() agrees with the client on 1000 of 1000 keys

    cluster.set("foo", "bar")
    print("foo belongs to slot", slot(b"foo"))
    #> foo belongs to slot 12182
    answers = []
    for node in cluster.get_primaries():
        with cluster.get_redis_connection(node) as one:
            answers.append(ask(one, "foo"))
    print(sorted(answers))
    #> ['MOVED 12182', 'MOVED 12182', 'value bar']

    with cluster.get_redis_connection(cluster.get_primaries()[0]) as one:
        try:
            one.execute_command("MSET", "ann:cart", 1, "ann:orders", 2)
        except ClusterCrossSlotError:
            print("refused, slots", slot(b"ann:cart"), slot(b"ann:orders"))
            #> refused, slots 8319 5635
    print("tagged, slots", slot(b"{ann}:cart"), slot(b"{ann}:orders"))
    #> tagged, slots 2326 2326
    print(cluster.mset({"{ann}:cart": 1, "{ann}:orders": 2}))
    #> True
