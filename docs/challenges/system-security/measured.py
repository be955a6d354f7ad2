from random import Random

from snippets.challenges import system_security as program
from tools.measure import Paper, Table
from tools.tested import tested

KEY_FIRST = "Test Using Larger Than Block-Size Key - Hash Key First"
BOTH_LARGE = (
    "This is a test using a larger than block-size key and a larger than block-size data. "
    "The key needs to be hashed before being used by the HMAC algorithm."
)
VECTORS = (  # RFC 4231: what, test case, key, text, the tag
    (
        "key of 20 bytes", 1, b"\x0b" * 20, b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    (
        "key shorter than the tag", 2, b"Jefe", b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        "key and text over 64 bytes together", 3, b"\xaa" * 20, b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        "key of 25 different bytes", 4, bytes(range(1, 26)), b"\xcd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ),
    ("tag cut to 128 bits", 5, b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
    (
        "key longer than a block", 6, b"\xaa" * 131, KEY_FIRST.encode(),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        "key and text longer than a block", 7, b"\xaa" * 131, BOTH_LARGE.encode(),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
)
RATE, DELAY, SPREAD = 100, 0.05, 20  # packets a second, seconds on the way, seconds a clock may be off
NONCE_BYTES = 16


def paper():
    rows = [
        Paper(
            key="nystrom2005identifiers",
            place=f"test case {case}",
            claim=f"HMAC-SHA-256, {what}",
            said=tag,
            got=program.hmac_by_hand(key, text).hex()[: len(tag)],
            show="{:.16}...",
            note="first 16 of the digits that are compared" if case == 1 else "",
        )
        for what, case, key, text, tag in VECTORS
    ]
    for fixed, said, words in (
        (False, "B takes I for A", "the protocol of 1978"),
        (True, "no attack", "with B's name in message 2"),
    ):
        attack, states = program.lowe(fixed)
        rows.append(
            Paper(
                key="lowe1995attack",
                place="the attack and its repair",
                claim=f"Needham-Schroeder with public keys, {words}",
                said=said,
                got="B takes I for A" if attack else "no attack",
                note=f"one run of A, one of B; {states} states",
            )
        )
    return rows


def refused(window_s, packets=400):
    """Share of honest packets refused when the senders' clocks are off by -SPREAD to SPREAD seconds, evenly."""
    cache, lost = program.ReplayCache(window_s), 0
    for i in range(packets):
        now_s = i / RATE
        off_s = (2 * (i + 0.5) / packets - 1) * SPREAD
        lost += not cache.accept(now_s, now_s + off_s, str(i))
    return lost / packets


def tables():
    rows = []
    for window_s, windows in ((5, 40), (15, 40), (30, 40), (300, 5)):
        kept = program.cache_size(RATE, window_s, 0, DELAY, Random(3), windows)
        rows.append(
            (
                f"{window_s} s",
                f"{kept:,.0f}",
                f"{RATE * (window_s - DELAY):,.0f}",
                f"{kept * NONCE_BYTES / 1000:,.0f} kB",
                f"{refused(window_s):.0%}",
            )
        )
    return {
        "windows": Table(
            ("window", "nonces kept, run", "formula", "memory at 16 bytes", "honest packets refused if clocks are up to 20 s off"),
            tuple(rows),
            "rrrrr",
        ),
        "nginx": tested("nginx", "one server, certificates made by trustme, loopback", "httpx"),
    }
