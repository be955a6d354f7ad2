from snippets.challenges.system_security import LADDER, demo
from tools.figures import chart

SHORT = ("nothing", "hash", "HMAC,\none key", "HMAC,\nper pair", "+ names", "+ counter")
SHORTER = ("none", "hash", "one\nkey", "pair\nkeys", "+\nnames", "+\ncount")
NEVER = ("read", "deny", "withhold")  # what a tag is not for


def figures():
    outcome = demo()
    attacks = list(outcome)
    won = [sum(outcome[attack][i] for attack in attacks) for i in range(len(LADDER))]

    def plot(ax, tall):
        for succeeds, tone, marker in ((True, chart.RED, "X"), (False, chart.GREEN, "o")):
            places = [
                (column, row)
                for row, attack in enumerate(attacks)
                for column, got in enumerate(outcome[attack])
                if got == succeeds
            ]
            ax.plot(
                [x for x, _ in places],
                [y for _, y in places],
                marker=marker,
                color=tone,
                linestyle="",
                markersize=9 if succeeds else 8,
                markerfacecolor=tone if succeeds else "none",
                markeredgewidth=0 if succeeds else 1.6,
            )
        ax.axhline(len(attacks) - len(NEVER) - 0.5, color=chart.LANE, linewidth=1)
        ax.set_yticks(range(len(attacks)), attacks)
        ax.set_xticks(range(len(LADDER)), SHORTER if tall else SHORT)
        ax.xaxis.tick_top()
        ax.set_xlim(-0.5, len(LADDER) - 0.5)
        ax.set_ylim(len(attacks) - 0.5, -0.6)
        ax.grid(False)
        ax.spines["bottom"].set_visible(False)

    stopped = {
        attack: next((LADDER[i].name for i, got in enumerate(outcome[attack]) if not got), "none of them")
        for attack in attacks
    }
    return {
        "attacks": chart.draw(
            plot,
            title="Attacks against one control after the other",
            caption=(
                f"Crosses: the attack reaches its aim. Against the plain protocol all {won[0]} do, and against a hash without "
                f"a key {won[1]} as well. Each further control stops some; {won[-1]} are left at the end, because no tag "
                "hides a text, settles a dispute or delivers a packet."
            ),
            description="First control that stops it: "
            + "; ".join(f"{attack}: {name}" for attack, name in stopped.items())
            + ".",
            seed="seed 1 for the keys; the outcome is the same for every seed",
            height=3.3,
        )
    }
