import threading

import pytest
from numba import get_num_threads
from threadpoolctl import threadpool_info

from twophoton_decode.kernels.threads import in_threads


def blas_threads():
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


def test_results_come_in_the_order_of_the_parts():
    first_may_end = threading.Event()

    def work(part):
        if part == 0 and get_num_threads() > 1:
            assert first_may_end.wait(10)
        first_may_end.set()
        return part * part

    assert list(in_threads(work, range(5))) == [0, 1, 4, 9, 16]


def test_linear_algebra_has_one_thread_within_a_part():
    before = blas_threads()
    within = list(in_threads(lambda part: blas_threads(), range(2)))
    assert within == [[1] * len(before)] * 2
    assert blas_threads() == before


def test_an_error_within_a_part_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        list(in_threads(lambda part: 1 / part, [1, 0]))
