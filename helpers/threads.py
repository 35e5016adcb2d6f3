"""One thread of linear algebra where matrices are small.

A BLAS library splits products among its threads from sizes on at which waking them and waiting for each other costs
more than the product, above all where other programs keep the processor busy (`benchmarks/threads.py`). Results are the
same but for rounding.
"""

import math
import threading
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController

LARGE = 1e8  # multiplications: a hundredth of a second, or a factorisation of about 500 × 500

_limiting = threading.Lock()  # held while a block limits: the number of BLAS threads is one for the whole process


@contextmanager
def one_thread(*sizes):
    """Within the block linear algebra runs on one thread, unless its largest product is large.

    Parameters
    ----------
    *sizes : int
        Of the largest matrix product or factorisation of the block: rows, columns, columns of the other. Where their
        product, the number of multiplications, reaches `LARGE`, nothing is limited.

    Notes
    -----
    Blocks may be nested: the outermost limits. Of several Python threads the first one in limits, for all, until it
    leaves; the others leave the number alone, for only one of them could put the old one back. Where another thread
    is inside threadpoolctl's own ``threadpool_limits``, what that one set holds.
    """
    if math.prod(map(float, sizes)) >= LARGE or not _limiting.acquire(blocking=False):
        yield
        return
    try:
        with _libraries().limit(limits=1):
            yield
    finally:
        _limiting.release()


@cache
def _libraries():
    """The BLAS libraries, looked for once: that takes a hundred times as long as to limit them."""
    import scipy.linalg  # noqa: F401  (loads SciPy's own; NumPy's is there, or nobody has a matrix)

    return ThreadpoolController().select(user_api="blas")
