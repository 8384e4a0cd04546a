import threading

import numpy as np
import pytest
from numba import get_num_threads
from threadpoolctl import threadpool_info

from twophoton_decode.kernels.threads import in_threads, one_thread_each, results_in_turn


def blas_threads():
    return {entry["num_threads"] for entry in threadpool_info() if entry["user_api"] == "blas"}


def test_results_come_in_the_order_of_the_items():
    assert in_threads(lambda i: i**2, range(20)) == [i**2 for i in range(20)]


def test_linear_algebra_runs_in_one_thread_within_and_is_set_free_again():
    np.eye(3) @ np.eye(3)
    before = blas_threads()
    assert set().union(*in_threads(lambda _: blas_threads(), range(4))) == {1}
    with one_thread_each():
        assert blas_threads() == {1}
    assert blas_threads() == before


def test_work_inside_work_stays_in_its_thread():
    def outer(_):
        return {threading.get_ident()} | set(in_threads(lambda _: threading.get_ident(), range(5)))

    assert all(len(seen) == 1 for seen in in_threads(outer, range(3)))


def test_no_more_threads_than_numba_may_use():
    seen = in_threads(lambda _: threading.get_ident(), range(50))
    assert len(set(seen)) <= get_num_threads()
    assert threading.get_ident() not in seen


def test_an_error_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda i: 1 / i, [1, 0, 2])


def test_a_result_comes_before_later_items_are_done():
    taken = threading.Event()

    def work(item):
        if item == get_num_threads():
            assert taken.wait(10)
        return item

    results = results_in_turn(work, range(get_num_threads() + 1))
    assert next(results) == 0
    taken.set()
    assert list(results) == list(range(1, get_num_threads() + 1))
