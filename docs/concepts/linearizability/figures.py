from snippets.concepts.linearizability import demo, explain
from tools.figures import timeline


def figures():
    ops = demo()
    few = [id(op) for op in explain(ops)]

    def bar(op):
        """The few that fit no order begin with a capital, which gives them a tone of their own."""
        told = op["arg"] if op["f"] == "write" else op["res"] or "nothing"
        kind = op["f"].capitalize() if id(op) in few else op["f"]
        return timeline.Op(op["p"], op["inv"], op["ret"], f"{kind} {told}")

    writes = [op for op in ops if id(op) in few and op["f"] == "write"]
    (read,) = (op for op in ops if id(op) in few and op["f"] == "read")
    new = writes[-1]
    return {
        "history": timeline.draw(
            map(bar, ops),
            {"write": "amber", "read": "blue", "Write": "red", "Read": "red"},
            title="Nine operations of three clients, three of which fit no order",
            caption=(
                f"{new['p']} writes {new['arg']} and is told at {new['ret']} ms that it is done. "
                f"At {read['inv']} ms it reads, at another copy, and finds {read['res']}, which was "
                f"overwritten. The three red operations alone cannot be put into one order; the "
                f"six others can be left out."
            ),
            seed="seed 38, chosen because its stale read is easy to see",
            clients=sorted({op["p"] for op in ops}),
            words={"Write": "Write: fits no order", "Read": "Read: fits no order"},
        )
    }
