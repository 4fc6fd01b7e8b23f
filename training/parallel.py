"""Map a function over items with several processes, in order."""

import collections
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from typing import TypeVar

from technogan.allocator import keep_freed_blocks
from technogan.errors import SettingError, TechnoganError

A = TypeVar("A")
B = TypeVar("B")

# Tasks submitted per process: enough that none waits, few enough to bound the memory.
_AHEAD = 4
# Seconds.
_CLUSTER_TIMEOUT = 10


def count_cores() -> int:
    """Return the number of logical cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_in_order(
    function: Callable[[A], B], items: Iterable[A], *, jobs: int | None = None, scheduler: str | None = None
) -> Iterator[B]:
    """Yield function(item) for each item, in order.

    An error of `function` is raised here. Closing the iterator or Ctrl-C ends the processes; if this process is killed,
    they exit too.

    Args:
        function: the work; it and its results are pickled.
        items: its arguments.
        jobs: number of processes; one per core if None, only this process if 1.
        scheduler: address of a Dask cluster to use instead, where files must have the same paths.

    Raises:
        SettingError: `jobs` is below 1, or the scheduler does not answer.
        TechnoganError: a process died.
    """
    if scheduler is not None:
        return _map_on_cluster(function, items, scheduler)
    jobs = count_cores() if jobs is None else jobs
    keep_freed_blocks()
    if jobs < 1:
        raise SettingError("jobs", jobs, "1 or more")
    return map(function, items) if jobs == 1 else _map_in_processes(function, items, jobs)


def _map_in_processes(function: Callable[[A], B], items: Iterable[A], jobs: int) -> Iterator[B]:
    # Spawn on every system: forking a process with threads can hang.
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_start_worker)
    submitted: collections.deque[Future[B]] = collections.deque()
    try:
        for item in items:
            submitted.append(pool.submit(function, item))
            if len(submitted) >= _AHEAD * jobs:
                yield submitted.popleft().result()
        while submitted:
            yield submitted.popleft().result()
    except BrokenProcessPool as error:
        raise TechnoganError("a worker process died, perhaps out of memory; try fewer jobs") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _map_on_cluster(function: Callable[[A], B], items: Iterable[A], scheduler: str) -> Iterator[B]:
    try:
        import distributed
        from joblib import Parallel, delayed, parallel_config
    except ImportError as error:
        raise SettingError("scheduler", scheduler, "left out, or technogan[cluster] must be installed") from error
    try:
        client = distributed.Client(scheduler, timeout=_CLUSTER_TIMEOUT)
    except (OSError, ValueError, TimeoutError) as error:
        raise SettingError("scheduler", scheduler, f"the address of a Dask scheduler that answers ({error})") from error
    with client, parallel_config(backend="dask", wait_for_workers_timeout=_CLUSTER_TIMEOUT):
        yield from Parallel(return_as="generator")(delayed(function)(item) for item in items)


def _start_worker() -> None:
    # Ctrl-C reaches the whole process group; only the parent handles it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_freed_blocks()
    threading.Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
