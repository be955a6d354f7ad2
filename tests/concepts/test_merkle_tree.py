"""Merkle trees: honest proofs pass, every change of one is refused, and what is not proven."""

from math import ceil, log2
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.concepts import merkle_tree as program
from snippets.concepts.merkle_tree import (
    REFERENCE,
    by_range,
    compare,
    consistency_proof,
    demo,
    expected,
    forge,
    inclusion_proof,
    leaf_hash,
    levels,
    paired_root,
    plain_root,
    root,
    verify_consistency,
    verify_inclusion,
)

# transparency-dev/merkle, testonly/constants.go: RootHashes() and NodeHashes().
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PROOFS = {
    "leaf 0 of 8": ["96a296d2", "5f083f0a", "6b47aaf2"],
    "leaf 5 of 8": ["bc1a0643", "ca854ea1", "d37ee418"],
    "2 to 8": ["5f083f0a", "6b47aaf2"],
    "6 to 8": ["0ebc5d34", "ca854ea1", "d37ee418"],
    "2 to 5": ["5f083f0a", "bc1a0643"],
}
FORTY = [b"entry %d" % i for i in range(40)]
entries = st.lists(st.binary(max_size=4), min_size=1, max_size=40, unique=True)


def depth(n):
    return ceil(log2(n))


# The reference implementations' numbers ------------------------------------------------------


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_reference_trees(size):
    assert root(REFERENCE[:size]).hex() == ROOTS[size]


def test_the_proofs_are_those_of_the_reference_trees():
    for name, said in PROOFS.items():
        number, size = (int(word) for word in name.split() if word.isdigit())
        prove = inclusion_proof if name.startswith("leaf") else consistency_proof
        assert [part.hex()[:8] for part in prove(REFERENCE[:size], number)] == said


def test_the_example_of_section_2_1_5():
    tree = FORTY[:7]
    name = {leaf_hash(leaf): letter for leaf, letter in zip(tree, "abcdefj", strict=True)}
    name |= {root(tree[a:b]): letter for a, b, letter in
             ((0, 2, "g"), (2, 4, "h"), (4, 6, "i"), (0, 4, "k"), (4, 7, "l"))}
    for index, said in ((0, "bhl"), (3, "cgl"), (4, "fjk"), (6, "ik")):
        assert "".join(name[part] for part in inclusion_proof(tree, index)) == said
    for first, said in ((3, "cdgl"), (4, "l"), (6, "ijk")):
        assert "".join(name[part] for part in consistency_proof(tree, first)) == said


# Honest proofs, and their size ---------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(entries)
def test_every_leaf_and_every_prefix_is_proven_by_few_hashes(leaves):
    n, head = len(leaves), root(leaves)
    assert head == levels(leaves)[-1][0], "pairing and carrying up is the tree of the RFC"
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(leaves, index)
        assert len(proof) <= depth(n)
        assert verify_inclusion(leaf, index, n, proof, head)
        proof = consistency_proof(leaves, index + 1)
        assert len(proof) <= depth(n) + 1
        assert verify_consistency(index + 1, n, root(leaves[: index + 1]), head, proof)


def test_both_bounds_are_reached_and_a_leaf_carried_up_needs_less():
    for n in range(2, 41):
        tree = FORTY[:n]
        sizes = [len(inclusion_proof(tree, index)) for index in range(n)]
        assert max(sizes) == depth(n)
        if n == 2 ** depth(n - 1) + 1 and n > 3:
            assert sizes[-1] == 1
    assert len(consistency_proof(FORTY[:7], 3)) == depth(7) + 1


# Everything that can be changed --------------------------------------------------------------


def flipped(digest, bit):
    number = int.from_bytes(digest) ^ 1 << bit % (8 * len(digest))
    return number.to_bytes(len(digest))


def tampered(proof, rng):
    """Every proof that differs from this one by a bit, a hash too few, too many, or an order."""
    for at in range(len(proof)):
        bit = rng.getrandbits(8)
        yield [*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[:at], proof[at], *proof[at:]]
    for at in range(len(proof) - 1):
        yield [*proof[:at], proof[at + 1], proof[at], *proof[at + 2 :]]
    yield [*proof, bytes(32)]
    yield [bytes(32), *proof]


@settings(max_examples=40, deadline=None)
@given(entries, st.randoms(use_true_random=False))
def test_a_change_of_leaf_index_proof_or_root_is_refused(leaves, rng):
    n, head = len(leaves), root(leaves)
    index = int(rng.random() * n)
    leaf, proof = leaves[index], inclusion_proof(leaves, index)
    for other in [*(x for x in leaves if x != leaf), leaf + b"\x00", head, leaf_hash(leaf)]:
        assert not verify_inclusion(other, index, n, proof, head)
    for other in range(n + 2):
        assert verify_inclusion(leaf, other, n, proof, head) == (other == index)
    for other in tampered(proof, rng):
        assert not verify_inclusion(leaf, index, n, other, head)
    assert not verify_inclusion(leaf, index, n, proof, flipped(head, rng.getrandbits(8)))


@settings(max_examples=40, deadline=None)
@given(entries, st.randoms(use_true_random=False))
def test_a_change_of_either_root_or_of_the_proof_between_them_is_refused(leaves, rng):
    n = len(leaves)
    first = 1 + int(rng.random() * n)
    old, new, proof = root(leaves[:first]), root(leaves), consistency_proof(leaves, first)
    assert not verify_consistency(first, n, flipped(old, rng.getrandbits(8)), new, proof)
    assert not verify_consistency(first, n, old, flipped(new, rng.getrandbits(8)), proof)
    for other in tampered(proof, rng):
        assert not verify_consistency(first, n, old, new, other)
    for other in range(1, n + 1):
        if other != first:
            assert not verify_consistency(other, n, root(leaves[:other]), new, proof)
    if first < n:
        assert not verify_consistency(n, first, new, old, proof)


@settings(max_examples=30, deadline=None)
@given(entries, st.randoms(use_true_random=False))
def test_a_log_that_rewrote_its_past_has_no_proof(leaves, rng):
    """The liar may take the proof of the old, of the new, or of the mixed list."""
    n = len(leaves)
    first = 1 + int(rng.random() * n)
    past = list(leaves[:first])
    past[int(rng.random() * first)] += b"rewritten"
    for lie in leaves, past + leaves[first:]:
        proof = consistency_proof(lie, first)
        assert not verify_consistency(first, n, root(past), root(leaves), proof)


# What is not proven: the size ----------------------------------------------------------------


def turns(index, size):
    """On which side the siblings of a leaf stand, from the leaf up."""
    if size == 1:
        return ""
    k = program.split(size)
    return turns(index, k) + "R" if index < k else turns(index - k, size - k) + "L"


def test_a_wrong_size_passes_exactly_where_the_way_up_looks_the_same():
    wrong = 0
    for n in range(1, 18):
        head = root(FORTY[:n])
        for index in range(n):
            proof = inclusion_proof(FORTY[:n], index)
            for size in range(index + 1, 40):
                same = turns(index, size) == turns(index, n)
                assert verify_inclusion(FORTY[index], index, size, proof, head) == same
                wrong += same and size != n
    assert wrong > 0


def test_leaf_0_of_7_passes_for_5_to_8():
    proof = inclusion_proof(REFERENCE[:7], 0)
    ok = [size for size in range(1, 99)
          if verify_inclusion(REFERENCE[0], 0, size, proof, root(REFERENCE[:7]))]
    assert ok == [5, 6, 7, 8]


def test_with_a_wrong_size_the_index_can_be_wrong_too():
    tree, head = REFERENCE[:7], root(REFERENCE[:7])
    proof = inclusion_proof(tree, 6)
    assert verify_inclusion(tree[6], 3, 4, proof, head)
    assert not verify_inclusion(tree[6], 3, 7, proof, head)


def test_a_verifier_that_does_not_ask_for_the_root_takes_any_size(monkeypatch):
    """The check that the Haskell library hash-tree lacked before 0.1.1: planted here."""

    def lax(at, last, start, siblings):
        old = new = start
        for sibling in siblings:
            if at % 2 or at == last:
                old, new = program.node_hash(sibling, old), program.node_hash(sibling, new)
                while at and not at % 2:
                    at, last = at >> 1, last >> 1
            else:
                new = program.node_hash(new, sibling)
            at, last = at >> 1, last >> 1
        return old, new

    tree = FORTY[:8]
    old, new, proof = root(tree[:4]), root(tree), consistency_proof(tree, 4)
    assert not verify_consistency(4, 10**6, old, new, proof)
    monkeypatch.setattr(program, "climb", lax)
    assert verify_consistency(4, 10**6, old, new, proof)


def test_a_verifier_that_forgets_the_nodes_carried_up_refuses_honest_proofs(monkeypatch):
    def short(at, last, start, siblings):
        old = new = start
        for sibling in siblings:
            if at % 2 or at == last:
                old, new = program.node_hash(sibling, old), program.node_hash(sibling, new)
            else:
                new = program.node_hash(new, sibling)
            at, last = at >> 1, last >> 1
        return (old, new) if last == 0 else None

    tree = FORTY[:5]
    proof = inclusion_proof(tree, 4)
    assert verify_inclusion(tree[4], 4, 5, proof, root(tree))
    monkeypatch.setattr(program, "climb", short)
    assert not verify_inclusion(tree[4], 4, 5, proof, root(tree))


# The naive trees -----------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 4, 8, 16, 32])
def test_without_prefixes_a_list_of_half_the_length_has_the_same_root(n):
    tree = FORTY[:n]
    fake = forge(tree)
    assert len(fake) == n // 2 and plain_root(fake) == plain_root(tree)
    assert root(fake) != root(tree)


def test_without_prefixes_the_text_of_a_node_is_proven_to_be_a_leaf(monkeypatch):
    tree = FORTY[:8]

    def believed():
        proof = program.inclusion_proof(tree, 4)[1:]
        node = program.leaf_hash(tree[4]) + program.leaf_hash(tree[5])
        return program.verify_inclusion(node, 2, 4, proof, program.root(tree))

    assert not believed()
    monkeypatch.setattr(program, "leaf_hash", lambda data: program.sha256(data).digest())
    monkeypatch.setattr(program, "node_hash", lambda a, b: program.sha256(a + b).digest())
    assert believed()


def test_one_prefix_of_the_two_would_be_enough(monkeypatch):
    """What "Change it" says: the two kinds of text must differ, no matter how."""
    tree = FORTY[:8]
    for lacking in "leaf", "node":
        with monkeypatch.context() as patch:
            if lacking == "leaf":
                patch.setattr(program, "leaf_hash", lambda data: program.sha256(data).digest())
            else:
                patch.setattr(program, "node_hash", lambda a, b: program.sha256(a + b).digest())
            row = [program.leaf_hash(leaf) for leaf in tree]
            fake = [a + b for a, b in zip(row[::2], row[1::2], strict=True)]
            assert program.root(fake) != program.root(tree)


def test_pairing_a_node_with_itself_gives_two_lists_one_root():
    """The lists of Bitcoin Core's comment on CVE-2012-2459, and others."""
    for n in (3, 5, 6, 7, 9, 10, 11, 12, 13):
        tree = FORTY[:n]
        again = n & -n  # so many of the last leaves are doubled
        longer = tree + tree[-again:]
        assert paired_root(tree) == paired_root(longer)
        assert root(tree) != root(longer)


# Replicas ------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 70), st.randoms(use_true_random=False))
def test_compare_finds_every_difference_within_the_bound(n, rng):
    mine = [b"%d" % i for i in range(n)]
    where = [i for i in range(n) if rng.random() < 0.1]
    theirs = [b"other" if i in where else leaf for i, leaf in enumerate(mine)]
    found, compared = compare(levels(mine), levels(theirs))
    assert found == where
    assert compared <= 1 + 2 * len(where) * depth(n)


def test_a_comparison_that_stops_at_the_first_difference_misses_some():
    """Planted: below a node only the first child that differs is followed."""
    mine, theirs = levels(FORTY[:32]), levels([b"x", *FORTY[1:20], b"y", *FORTY[21:32]])
    at, seen = 0, []
    for row in reversed(range(len(mine) - 1)):
        at = next(i for i in (2 * at, 2 * at + 1) if mine[row][i] != theirs[row][i])
        seen = [at]
    assert seen != compare(mine, theirs)[0] == [0, 20]


def test_one_difference_among_65536_takes_33_hashes_wherever_it_is():
    (one,) = demo((1,), seed=3)
    assert one == (1, 33) and expected(16, 1) == 33


def test_the_mean_over_many_runs_is_the_expected_number():
    runs = [dict(demo((3, 10), depth=8, seed=seed)) for seed in range(120)]
    for d in (3, 10):
        mean = sum(run[d] for run in runs) / len(runs)
        assert mean == pytest.approx(expected(8, d), rel=0.025)
        assert len({run[d] for run in runs}) > 3, "which keys differ decides"
        assert max(run[d] for run in runs) <= 1 + 2 * d * 8


def test_when_every_key_differs_the_tree_costs_twice_what_the_leaves_do():
    (every,) = demo((256,), depth=8)
    assert every == (256, 511)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.binary(max_size=3), st.binary(max_size=3)), st.binary(max_size=3))
def test_by_range_a_new_key_changes_one_leaf_whatever_the_order(items, key):
    before = by_range(items, 5)
    assert before == by_range(dict(reversed(items.items())), 5)
    after = by_range(items | {key: b"quite new"}, 5)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_by_place_a_new_first_key_changes_them_all():
    old, new = FORTY[:32], [b"before all", *FORTY[:31]]
    assert compare(levels(old), levels(new)) == (list(range(32)), 63)


def test_keys_and_values_do_not_run_together():
    assert by_range({b"ab": b"c"}, 0) != by_range({b"a": b"bc"}, 0)


# Malformed input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: root("text"), "lists of bytes"),
        (lambda: root(b"bytes"), "lists of bytes"),
        (lambda: root(["text"]), "lists of bytes"),
        (lambda: inclusion_proof([], 0), "there is no leaf 0 in a list of 0"),
        (lambda: inclusion_proof([b"a"], 1), "there is no leaf 1 in a list of 1"),
        (lambda: inclusion_proof([b"a"], -1), "index is -1: use an integer"),
        (lambda: inclusion_proof([b"a"], True), "index is True: use an integer"),
        (lambda: inclusion_proof([b"a"], 0.0), "index is 0.0: use an integer"),
        (lambda: consistency_proof([b"a"], 0), "first is 0: use 1 to 1"),
        (lambda: consistency_proof([b"a"], 2), "first is 2: use 1 to 1"),
        (lambda: verify_inclusion("a", 0, 1, [], bytes(32)), "lists of bytes"),
        (lambda: verify_inclusion(b"a", 0, 1, None, bytes(32)), "lists of bytes"),
        (lambda: verify_inclusion(b"a", 0, 2, [bytes(31)], bytes(32)), "32 bytes"),
        (lambda: verify_inclusion(b"a", 0, 1, [], bytes(33)), "32 bytes"),
        (lambda: verify_inclusion(b"a", -1, 1, [], bytes(32)), "index is -1"),
        (lambda: verify_inclusion(b"a", 0, "1", [], bytes(32)), "size is '1'"),
        (lambda: verify_consistency(0, 1, bytes(32), bytes(32), []), "first is 0: every list"),
        (lambda: verify_consistency(1, 2, "root", bytes(32), []), "lists of bytes"),
        (lambda: verify_consistency(1, 2, bytes(32), bytes(32), [b""]), "32 bytes"),
        (lambda: compare(levels([b"a"]), levels([b"a", b"b"])), "of one size"),
        (lambda: compare(levels([]), levels([])), "not empty"),
    ],
)
def test_what_is_not_even_a_proof_is_refused_with_a_sentence(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_an_index_outside_the_tree_and_a_shrinking_log_are_answers_not_errors():
    assert verify_inclusion(b"a", 1, 1, [], root([b"a"])) is False
    assert verify_inclusion(b"a", 0, 0, [], root([])) is False
    assert verify_consistency(2, 1, bytes(32), bytes(32), []) is False
    assert verify_consistency(1, 2, bytes(32), bytes(32), []) is False
    assert verify_consistency(3, 3, bytes(32), bytes(32), []) is True
    assert verify_consistency(3, 3, bytes(32), bytes(32), [bytes(32)]) is False


def test_the_arguments_are_left_as_they_were():
    tree, proof = list(FORTY[:8]), consistency_proof(FORTY[:8], 4)
    kept = list(proof)
    verify_consistency(4, 8, root(tree[:4]), root(tree), proof)
    assert proof == kept and tree == FORTY[:8]


def test_a_change_anywhere_changes_the_root():
    rng = Random(1)
    for n in range(1, 30):
        tree = FORTY[:n]
        at = int(rng.random() * n)
        others = [[*tree[:at], b"x", *tree[at + 1 :]], [*tree, b""], [b"", *tree]]
        others += [tree[::-1]] if n > 1 else []
        assert root(tree) not in [root(other) for other in others]
