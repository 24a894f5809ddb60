"""Where computing happens, so that the event loop never does.

A thread of small NumPy operations gives up the interpreter's lock and takes it back within
microseconds, before any other thread has woken up: whoever else wants it waits until the thread is
idle, however short `sys.setswitchinterval` is. So work in threads is cut into slices, with a
return to the event loop between them; what cannot be cut runs in a process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import TypeVar, TypeVarTuple

import anyio
import anyio.to_process
import anyio.to_thread
import threadpoolctl

import engine

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

SLICE = 0.002
"""Seconds of computing between two returns to the event loop."""


class Workers:
    """As many threads as cores for slices, as many whole passes at once, as many gradient checks.

    The three wait in lines of their own: nobody's stream waits for somebody else's check.
    """

    def __init__(self) -> None:
        cores = os.cpu_count() or 1
        self._slices = anyio.CapacityLimiter(cores)
        self._passes = anyio.CapacityLimiter(cores)
        self._checks = anyio.CapacityLimiter(cores)

    async def slice(self, function: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
        """Run what takes milliseconds. A cancelled caller goes on only when it is done."""
        return await anyio.to_thread.run_sync(function, *arguments, limiter=self._slices)

    async def whole(self, spec: engine.Spec) -> engine.Pass:
        """The pass of a spec, computed to its end."""
        async with self._passes:
            one = await self.slice(engine.Pass, spec)
            work = one.work()
            while await self.slice(_advance, work):
                pass
        return one

    async def check(self, spec: engine.Spec) -> list[engine.CheckRow]:
        """The gradient check of a spec, in a process. A cancelled caller ends it."""
        return await anyio.to_process.run_sync(_check, spec, cancellable=True, limiter=self._checks)

    async def check_entry(self, spec: engine.Spec, name: str, index: tuple[int, ...]) -> engine.CheckRow:
        """The check of one entry, where and as the whole check is made."""
        return await anyio.to_process.run_sync(_check_entry, spec, name, index, cancellable=True, limiter=self._checks)


def _advance(steps: Iterator[object]) -> bool:
    """Take steps for the time of a slice; whether there may be more."""
    end = perf_counter() + SLICE
    return any(perf_counter() > end for _ in steps)


def _check(spec: engine.Spec) -> list[engine.CheckRow]:
    one_blas_thread()
    return engine.check(spec)


def _check_entry(spec: engine.Spec, name: str, index: tuple[int, ...]) -> engine.CheckRow:
    one_blas_thread()
    return engine.check_entry(spec, name, index)


def one_blas_thread() -> None:
    """Give BLAS one thread for the rest of the process: a recurrence is slower with more."""
    threadpoolctl.threadpool_limits(limits=1, user_api="blas")
