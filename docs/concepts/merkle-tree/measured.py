from math import ceil, log2

from snippets.concepts import merkle_tree as program
from tools.measure import Paper, Table

SEVEN = [b"d%d" % i for i in range(7)]


def letters(proof):
    """A proof about seven leaves in the letters of the RFC's drawing."""
    name = {program.leaf_hash(leaf): x for leaf, x in zip(SEVEN, "abcdefj", strict=True)}
    for a, b, x in ((0, 2, "g"), (2, 4, "h"), (4, 6, "i"), (0, 4, "k"), (4, 7, "l")):
        name[program.root(SEVEN[a:b])] = x
    return ", ".join(name[part] for part in proof)


def too_long(most):
    """Consistency proofs above the bound, for all pairs of sizes up to `most`."""
    leaves = [b"%d" % i for i in range(most)]
    return sum(
        len(program.consistency_proof(leaves[:n], first)) > ceil(log2(n)) + 1
        for n in range(2, most + 1)
        for first in range(1, n + 1)
    )


def streamed():
    """Keys that share a leaf with one damaged key, the mean over all keys."""
    leaves = program.by_range({b"%d" % i: b"" for i in range(125_000)}, 12)
    held = [len(leaf) // 64 for leaf in leaves]
    return sum(count * count for count in held) / sum(held)


def paper():
    log = program.REFERENCE
    rows = [
        Paper("laurie2021certificate", "section 2.1.5", f"the inclusion proof for d{index}, of 7",
              said, letters(program.inclusion_proof(SEVEN, index)))
        for index, said in ((0, "b, h, l"), (6, "i, k"))
    ]
    rows += [
        Paper("laurie2021certificate", "section 2.1.5", f"the consistency proof from {first} to 7",
              said, letters(program.consistency_proof(SEVEN, first)))
        for first, said in ((3, "c, d, g, l"), (6, "i, j, k"))
    ]
    rows += [
        Paper("laurie2021certificate", "section 2.1.4.1",
              "consistency proofs of more than ceil(log2 n) + 1 hashes, for all n up to 40",
              0, too_long(40), note="820 pairs of sizes"),
        Paper("transparency2026merkle", "RootHashes", "root of the eight reference entries",
              "5dc9da79a70659a9...", program.root(log).hex()[:16] + "...",
              note="the tests check all nine sizes, and all 32 bytes"),
        Paper("bitcoincore2026merkle", "opening comment",
              "1 2 3 4 5 6 and 1 2 3 4 5 6 5 6 have one root", "yes",
              "yes" if program.paired_root(log[:6]) == program.paired_root(log[:6] + log[4:6])
              else "no"),
        Paper("datastax2026repair", "How does anti-entropy repair work?",
              "partitions streamed for one that is damaged, of 1,000,000 in 32,768 leaves",
              30, streamed(), tolerance=2.5, show="{:.1f}",
              note="an eighth of both; the text divides, we average over the damaged key, "
              "which counts itself"),
    ]
    return rows


def tables():
    rows = []
    for d in (1, 10, 100):
        runs = [dict(program.demo((d,), depth=12, seed=seed))[d] for seed in range(40)]
        rows.append((f"{d:,}", f"{min(runs):,} to {max(runs):,}", f"{sum(runs) / 40:,.0f}",
                     f"{program.expected(12, d):,.0f}", f"{1 + 2 * d * 12:,}"))
    wrong = total = 0
    leaves = [b"%d" % i for i in range(32)]
    for n in range(1, 33):
        head = program.root(leaves[:n])
        for index in range(n):
            proof = program.inclusion_proof(leaves[:n], index)
            for size in range(1, 65):
                total += size != n
                wrong += size != n and program.verify_inclusion(
                    leaves[index], index, size, proof, head)
    return {
        "spread": Table(
            ("keys that differ, of 4,096", "hashes, 40 seeds", "mean", "expected", "bound"),
            tuple(rows), "rrrrr",
        ),
        "sizes": Table(
            ("changed, proof and root as they were", "accepted"),
            (("the leaf, or one bit of a hash", "never"),
             ("the index alone, if no two entries are equal", "never"),
             ("a hash left out, doubled or exchanged", "never"),
             ("the size alone", f"{wrong:,} of {total:,}")),
            "lr",
        ),
    }
