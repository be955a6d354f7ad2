"""Gossip: tell a random other, and stop when it gets boring.

Source: Demers et al., "Epidemic Algorithms for Replicated Database
Maintenance", PODC 1987, section 1 (push, pull, rumor mongering with blind or
feedback, counter or coin, in its names); Pittel, "On Spreading a Rumor", 1987
(rounds of push); Karp et al., "Randomized Rumor Spreading", 2000 (messages of
push and pull together).
Guarantee: none for one run. A site that keeps its interest informs all that
it can reach with probability 1; a rumor that dies leaves a residue.
Assumes cycles in step, and that a site can call every other one at random.
Left out: what the update is and which of two is newer, connection limits,
hunting, spatial distributions, death certificates.
"""

from math import exp, log, log2
from random import Random
from statistics import fmean

MODES = ("push", "pull", "push-pull")


# --8<-- [start:simulate]
def simulate(n: int, mode: str, rng: Random, k: int = 0,
             feedback: bool = True, counter: bool = True,
             cut: float = 0.0, cycles: int = 1_000) -> dict:
    """Spread one update from one of ``n`` sites, in cycles.

    mode      who calls a random other site in each cycle: "push", those that
              have the update and are interested; "pull" and "push-pull", all
    k         0: nobody ever loses interest, and the run ends when all know.
              Else, with ``counter``, interest is lost after k useless calls
              in a row of cycles; without (a coin), with chance 1 / k each
    feedback  a call counts as useless only if the other knew. False: blind,
              every call counts
    cut       the share of links, drawn once, that carry nothing

    Returned are residue, the share of sites that never hear of it; traffic,
    copies of the update sent, a site; t_last and t_ave, the cycles until the
    last and the average site that hears of it does; informed, the number of
    sites that know after each cycle.
    """
    if mode not in MODES:
        raise ValueError(f"unknown mode {mode!r}: use {', '.join(MODES)}")
    if n < 2 or k < 0 or not 0 <= cut < 1:
        raise ValueError(f"n={n}, k={k}, cut={cut}: use two sites or more, "
                         "no negative k, and a share of links below 1")
    heard = {0: 0}  # site: the cycle in which it heard
    useless = {0: 0}  # the interested sites: useless calls so far
    links, sent, informed = {}, 0, [1]

    def carries(a, b):
        link = (a, b) if a < b else (b, a)
        if cut and link not in links:
            links[link] = rng.random() >= cut
        return links.get(link, True)

    for cycle in range(1, cycles + 1):
        if not useless or (not k and len(heard) == n):
            break
        told = {}  # interested site: for each of its copies, was it useful?
        for site in (list(useless) if mode == "push" else range(n)):
            other = int(rng.random() * (n - 1))
            other += other >= site  # not itself
            for teller, hearer in ((site, other), (other, site)):
                if mode == ("pull" if teller == site else "push"):
                    continue
                # Who hears it in this cycle passes it on from the next.
                if teller in useless and heard[teller] < cycle:
                    sent += 1
                    through = carries(teller, hearer)
                    useful = through and heard.get(hearer, cycle) == cycle
                    told.setdefault(teller, []).append(useful)
                    if through and hearer not in heard:
                        heard[hearer], useless[hearer] = cycle, 0
        for teller, useful in told.items() if k else ():
            calls = [not feedback or not each for each in useful]
            if counter:
                # In a row: one useful call and the site is hot again.
                useless[teller] = useless[teller] + 1 if all(calls) else 0
                bored = useless[teller] == k
            else:
                bored = any(each and rng.random() * k < 1 for each in calls)
            if bored:
                del useless[teller]
        informed.append(len(heard))
    return {"residue": 1 - len(heard) / n, "traffic": sent / n,
            "t_last": max(heard.values()),
            "t_ave": sum(heard.values()) / len(heard), "informed": informed}
# --8<-- [end:simulate]


# --8<-- [start:theory]
def residue(k: int) -> float:
    """Share that never hears of it, feedback and coin, in a large crowd: the
    root below 1 of s = exp(-(k + 1) (1 - s)). Demers et al. 1987, 1.4."""
    if k < 1:
        raise ValueError(f"k={k}: interest must be lost, use 1 or more")
    s = 0.0
    for _ in range(200):
        s = exp(-(k + 1) * (1 - s))
    return s


def tail(p: float, mode: str) -> float:
    """Share without the update after one more cycle, if p is without it now
    and all others push, or all without it pull. Demers et al. 1987, 1.3."""
    if not 0 <= p <= 1 or mode not in ("push", "pull"):
        raise ValueError(f"p={p}, mode={mode!r}: use a share, push or pull")
    return p * p if mode == "pull" else p * exp(p - 1)


def pittel(n: int) -> float:
    """Rounds of push until all of n know, but for a constant."""
    return log2(n) + log(n)
# --8<-- [end:theory]


# --8<-- [start:tree]
def tree(n: int, fanout: int, cut: float, rng: Random) -> dict:
    """The naive variant: site i forwards once, to its children in a tree.

    Each link carries nothing with the chance ``cut``, and nobody asks again.
    Results as in simulate.
    """
    if n < 2 or fanout < 1 or not 0 <= cut < 1:
        raise ValueError(f"n={n}, fanout={fanout}, cut={cut}: use two sites "
                         "or more, one child or more, a share below 1")
    heard, sent = {0: 0}, 0
    for site in range(1, n):
        parent = (site - 1) // fanout
        if parent in heard:
            sent += 1
            if rng.random() >= cut:
                heard[site] = heard[parent] + 1
    return {"residue": 1 - len(heard) / n, "traffic": sent / n,
            "t_last": max(heard.values()),
            "t_ave": sum(heard.values()) / len(heard)}
# --8<-- [end:tree]


def mean(runs: int, seed: int, function, *args, **options) -> dict:
    """Means of the results of so many runs, from one seed."""
    rng = Random(seed)
    found = [function(*args, rng=rng, **options) for _ in range(runs)]
    return {name: fmean(run[name] for run in found)
            for name in ("residue", "traffic", "t_last", "t_ave")}


# --8<-- [start:demo]
def demo() -> dict[str, dict]:
    """One update, a thousand sites, each way to call; nobody stops."""
    return {mode: simulate(1000, mode, Random(1)) for mode in MODES}
# --8<-- [end:demo]


if __name__ == "__main__":
    print("1000 sites, nobody loses interest; means of 10 runs")
    #> 1000 sites, nobody loses interest; means of 10 runs
    for mode in MODES:
        run = mean(10, 1, simulate, 1000, mode)
        last, copies = run["t_last"], run["traffic"]
        print(f"{mode:9} {last:.1f} cycles, {copies:.1f} copies a site")
        #> push      17.9 cycles, 7.8 copies a site
        #> pull      13.7 cycles, 3.7 copies a site
        #> push-pull 9.0 cycles, 5.7 copies a site
    print(f"log2 n = {log2(1000):.1f}, log2 n + ln n = {pittel(1000):.1f}")
    #> log2 n = 10.0, log2 n + ln n = 16.9
    print("push, feedback and counter: interest is lost after k useless")
    #> push, feedback and counter: interest is lost after k useless
    for k in (1, 2, 3):
        run = mean(10, 1, simulate, 1000, "push", k=k)
        never, copies = run["residue"], run["traffic"]
        print(f"k = {k}: {never:.1%} never hear of it, {copies:.1f} copies")
        #> k = 1: 17.6% never hear of it, 1.7 copies
        #> k = 2: 3.6% never hear of it, 3.3 copies
        #> k = 3: 1.0% never hear of it, 4.5 copies
    coin = ", ".join(f"{residue(k):.1%}" for k in (1, 2, 3))
    print(f"a coin, in theory: {coin}")
    #> a coin, in theory: 20.3%, 6.0%, 2.0%
    print("30% of the links are cut")
    #> 30% of the links are cut
    lost = mean(200, 1, tree, n=1000, fanout=2, cut=0.3)
    print(f"tree: {lost['residue']:.1%} never hear of it")
    #> tree: 93.0% never hear of it
    cut = mean(5, 1, simulate, 1000, "push", cut=0.3)
    print(f"push: {cut['residue']:.1%}, after {cut['t_last']:.1f} cycles")
    #> push: 0.0%, after 23.4 cycles
    push = pull = 0.1
    for _ in range(3):
        push, pull = tail(push, "push"), tail(pull, "pull")
    print(f"three cycles after 10%: push {push:.2%}, pull {pull:.6%}")
    #> three cycles after 10%: push 0.58%, pull 0.000001%
