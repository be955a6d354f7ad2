"""Weights the percentiles by requests: still an average of percentiles."""

from snippets.challenges.system_performance import percentile


def overall(samples):
    total = sum(map(len, samples))
    return sum(percentile(one, 0.99) * len(one) / total for one in samples if one)
