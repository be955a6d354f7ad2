"""Paper rows and tables of this page, from calls of its program."""

from functools import cache
from random import Random

from snippets.concepts import raft as program
from tools.measure import Paper, Table
from tools.tested import tested

TRIALS = 1000  # as many as the paper's


@cache
def elections(low_ms, high_ms, trials=TRIALS):
    return program.simulate(low_ms, high_ms, trials=trials, rng=Random(7))


def paper():
    search, thesis = "ongaro2014search", "ongaro2014consensus"
    rows7 = {name: rest for name, *rest in program.figure_7()}
    logs8, voters = program.figure_8(program.Server, "d")
    _, only = program.figure_8(program.Server, "e")
    mean, early = program.first_timeout(4, 200_000, Random(7))
    timing = "section 9.3, the figure on the time to replace a crashed leader"
    near, far = (
        program.simulate(150, 155, trials=200, hop_ms=hop_ms, rng=Random(7))["median_ms"]
        for hop_ms in ((1, 4), (3, 8))
    )
    hops = (f"the paper does not give its delays. Here a message takes 1 to 6 ms; with 1 to 4 the "
            f"median is {near} ms, with 3 to 8 it is {far} ms: hence the tolerance")
    stuck = elections(150, 150, 60)
    return [
        Paper(search, "figure of possible follower logs", "logs that win an election of seven",
              said="leader a c d",
              got=" ".join(name for name, (votes, *_) in rows7.items() if votes >= 4),
              note="the rule of section 5.4.1, worked out by hand from the figure's logs"),
        Paper(search, "figure of possible follower logs", "nextIndex of a, b, c, d, e, f once it agrees",
              said="10 5 11 11 6 4", got=" ".join(str(rows7[name][1]) for name in "abcdef"),
              note="the index behind the last entry in common, worked out by hand"),
        Paper(search, "figure of an old entry on a majority, (a) to (c)", "terms in the logs of S1 to S5 at (c)",
              said="124 12 12 1 13",
              got=" ".join("".join(map(str, log)) for log in logs8[2][1]),
              note="the entry of term 4 is the no-op of section 8"),
        Paper(search, "same figure, (d)", "who votes for S5, and the term at index 2 in the end",
              said="S2 S3 S4, 3 3 3 3 3",
              got=f"{' '.join(voters)}, {' '.join(str(log[1]) for log in logs8[-1][1])}"),
        Paper(search, "same figure, (e)", "who votes for S5, when term 4 is on a majority",
              said="S4", got=" ".join(only)),
        Paper(thesis, "section 9.1", "mean of the first of 4 timeouts, as a share of their range",
              said=1 / 5, got=mean, tolerance=0.003, show="{:.4f}", note="200,000 draws; 1/(s+1)"),
        Paper(thesis, "section 9.1", "share of elections in which it comes in the first quarter",
              said=1 - 0.75**4, got=early, tolerance=0.003, show="{:.4f}", note="the same draws"),
        Paper(search, timing, "median time to a new leader, timeouts of 150 to 155 ms",
              said=287, got=elections(150, 155)["median_ms"], tolerance=200, show="{:.0f} ms",
              note=hops),
        Paper(search, timing, "mean time to a new leader, timeouts of 12 to 24 ms",
              said=35, got=elections(12, 24)["mean_ms"], tolerance=17, show="{:.0f} ms",
              note="the same delays"),
        Paper(search, timing, "longest of 1,000 with timeouts of 12 to 24 ms",
              said=152, got=elections(12, 24)["longest_ms"], tolerance=60, show="{:.0f} ms",
              note="one more or one fewer split vote"),
        Paper(search, timing, "longest of 1,000 with timeouts of 150 to 200 ms",
              said=513, got=elections(150, 200)["longest_ms"], tolerance=330, show="{:.0f} ms",
              note="the largest of 1,000 is one trial with several split votes in a row"),
        Paper(search, timing, "share of trials without a leader for 10 s, no randomness",
              said=1.0, got=stuck["unfinished"], tolerance=0.05, show="{:.0%}",
              differs="the delays of our network are random and break some ties; still the median "
                      f"wait is {stuck['median_ms'] / 1000:.0f} s"),
    ]


def tables():
    figure8 = []
    for kind in (program.Server, program.Counting):
        for case in "de":
            rows, _ = program.figure_8(kind, case)
            acted = rows[2] if case == "d" else rows[3]
            rule = "with the term check" if kind is program.Server else "without it"
            figure8.append((rule, case, " ".join(map(str, acted[1][0])), str(acted[2][0]),
                            " ".join(map(str, rows[-1][1][0]))))
    waits = []
    for low_ms, high_ms in (150, 155), (150, 175), (150, 200), (150, 300), (12, 24):
        took = elections(low_ms, high_ms)
        waits.append((f"{low_ms} to {high_ms} ms", f"{took['median_ms']} ms", f"{took['mean_ms']:.0f} ms",
                      f"{took['longest_ms']:,} ms", f"{took['split_votes']:.2f}"))
    return {
        "etcd": tested("etcd", "three members, loopback", "httpx"),
        "figure8": Table(("rule", "case", "S1's log when it crashes", "committed there", "S1's log in the end"),
                         tuple(figure8), "llrrr"),
        "elections": Table(("timeouts", "median", "mean", "longest of 1,000", "split votes"),
                           tuple(waits), "lrrrr"),
    }
