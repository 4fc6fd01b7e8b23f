"""The same work on many things, by several processes, results in order."""

from __future__ import annotations

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

# Tasks under way for each process: enough that none waits, few enough that memory stays flat.
_AHEAD = 4
# Seconds that a cluster may take to answer.
_PATIENCE = 10


def all_cores() -> int:
    """Every core this process may use, hyper-threads too."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    function: Callable[[A], B], items: Iterable[A], *, jobs: int | None = None, scheduler: str | None = None
) -> Iterator[B]:
    """function(item) for each item, in order, by `jobs` processes: all cores if not given, this one alone if 1.

    scheduler: address of a Dask cluster that does the work instead, by all its workers; files must have the same paths
    there. `function` and its results travel between processes. What it raises is raised here. Closing the iterator, or
    Ctrl-C, ends the processes; they end by themselves if this one is killed. Raises SettingError for fewer than one job
    or a scheduler that does not answer.
    """
    if scheduler is not None:
        return _on_cluster(function, items, scheduler)
    jobs = all_cores() if jobs is None else jobs
    keep_freed_blocks()
    if jobs < 1:
        raise SettingError("jobs", jobs, "1 or more")
    return map(function, items) if jobs == 1 else _spread(function, items, jobs)


def _spread(function: Callable[[A], B], items: Iterable[A], jobs: int) -> Iterator[B]:
    # Spawned, as on every system: forking a process that has threads of its own can hang.
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_start)
    under_way: collections.deque[Future[B]] = collections.deque()
    try:
        for item in items:
            under_way.append(pool.submit(function, item))
            if len(under_way) >= _AHEAD * jobs:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool as error:
        raise TechnoganError("a worker process died, perhaps for want of memory; fewer jobs may help") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _on_cluster(function: Callable[[A], B], items: Iterable[A], scheduler: str) -> Iterator[B]:
    try:
        import distributed
        from joblib import Parallel, delayed, parallel_config
    except ImportError as error:
        raise SettingError("scheduler", scheduler, "left out, or the extra technogan[cluster] installed") from error
    try:
        client = distributed.Client(scheduler, timeout=_PATIENCE)
    except (OSError, ValueError, TimeoutError) as error:
        raise SettingError("scheduler", scheduler, f"the address of a Dask scheduler that answers ({error})") from error
    with client, parallel_config(backend="dask", wait_for_workers_timeout=_PATIENCE):
        yield from Parallel(return_as="generator")(delayed(function)(item) for item in items)


def _start() -> None:
    # Ctrl-C reaches the whole group; the parent alone decides what follows.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_freed_blocks()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
