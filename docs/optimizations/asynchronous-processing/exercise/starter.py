"""After a burst a queue serves people who have long gone, while those who still wait come last. Drop what is too old.

`serve_fresh(arrived, work_s, patience_s)` runs one worker over arrivals in order. A job that has waited longer than `patience_s` when its turn comes
is dropped and takes no time; the others take `work_s`. Return a `Job` or `None` for each arrival.
"""

from snippets.optimizations.asynchronous_processing import Job, serve


def serve_fresh(arrived: list[float], work_s: float, patience_s: float) -> list[Job | None]:
    return serve(arrived, work_s)


for job in serve_fresh([0.0, 0.1, 0.2, 5.0], 2.0, 2.5):
    print(job)
