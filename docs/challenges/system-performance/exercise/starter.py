"""Each server reports the 99th percentile of its own requests. What is the 99th percentile of all of them?

`overall(samples)` gets the response times of each server, in a list of lists, and returns the smallest response time that at least 99 % of all the requests do not
exceed. The average of the percentiles, which the starter gives, is a number without a meaning.
"""

from snippets.challenges.system_performance import mean, percentile


def overall(samples: list[list[float]]) -> float:
    return mean([percentile(one, 0.99) for one in samples])


print(overall([[1.0] * 990, [50.0] * 10]))
