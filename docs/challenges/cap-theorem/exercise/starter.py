"""A cut leaves some regions that hear each other. `may_answer` decides, inside such a group, whether it goes on answering.

Make it safe for any number of regions: of all the groups that a cut leaves, at most one may answer. A group with more than half of the regions
must answer. When a cut leaves exactly half, the half with the region that is first by name answers, so that two halves never stop the
store.
"""


def may_answer(group: set[str], regions: set[str]) -> bool:
    return len(group) > 0


print(may_answer({"London", "New York"}, {"London", "New York", "Tokyo"}))
