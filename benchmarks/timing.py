"""How the benchmarks measure time."""

import time


def least(function, repetitions):
    """Least CPU seconds of several calls."""
    times = []
    for _ in range(repetitions):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)
