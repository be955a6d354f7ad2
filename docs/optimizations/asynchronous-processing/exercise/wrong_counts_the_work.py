"""Compares the whole response time with the patience: work counts as waiting."""

from snippets.optimizations.asynchronous_processing import Job


def serve_fresh(arrived, work_s, patience_s):
    free_s, jobs = 0.0, []
    for came in arrived:
        begun = max(came, free_s)
        if begun + work_s - came > patience_s:
            jobs.append(None)
            continue
        free_s = begun + work_s
        jobs.append(Job(came, begun, free_s))
    return jobs
