"""The worker looks at the age of a job before it begins."""

from snippets.optimizations.asynchronous_processing import Job


def serve_fresh(arrived: list[float], work_s: float, patience_s: float) -> list[Job | None]:
    free_s, jobs = 0.0, []
    for came in arrived:
        begun = max(came, free_s)
        if begun - came > patience_s:
            jobs.append(None)
            continue
        free_s = begun + work_s
        jobs.append(Job(came, begun, free_s))
    return jobs
