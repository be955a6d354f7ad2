from snippets.concepts.linearizability import demo, explain
from tools.figures import chart


def figures():
    ops = demo()
    few = [id(op) for op in explain(ops)]
    clients = sorted({op["p"] for op in ops}, reverse=True)

    def plot(ax, tall):
        for op in ops:
            told = op["arg"] if op["f"] == "write" else op["res"] or "nothing"
            row = clients.index(op["p"])
            tone = chart.RED if id(op) in few else chart.BLUE
            fill = {"color": tone} if op["f"] == "write" else {
                "color": chart.BG, "edgecolor": tone, "linewidth": 1.4}
            ax.barh(row, op["ret"] - op["inv"], left=op["inv"], height=0.3, **fill)
            sign = "←" if op["f"] == "write" else "="
            ax.text(op["inv"], row + 0.24, f"{sign} {told}", color=tone,
                    rotation=35 if tall else 0)
        ax.set_yticks(range(len(clients)), clients)
        ax.set_xlim(0)
        ax.set_ylim(-0.4, len(clients) - 0.3)
        ax.set_xlabel("ms; filled: write, hollow: read")

    writes = [op for op in ops if id(op) in few and op["f"] == "write"]
    (read,) = (op for op in ops if id(op) in few and op["f"] == "read")
    new = writes[-1]
    return {
        "history": chart.draw(
            plot,
            title="Nine operations of three clients, three of which fit no order",
            caption=(
                f"{new['p']} writes {new['arg']} and is told at {new['ret']} ms that it is done. "
                f"At {read['inv']} ms it reads, at another copy, and finds {read['res']}, which was "
                f"overwritten. The three red operations alone cannot be put into one order; the "
                f"six others can be left out."
            ),
            description="One row a client. " + " ".join(
                f"{op['p']} {op['f']} {op['arg'] or op['res'] or 'nothing'}, "
                f"{op['inv']} to {op['ret']} ms." for op in ops),
            seed="seed 38, chosen because its stale read is easy to see",
            height=2.6,
        )
    }
