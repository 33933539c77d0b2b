"""SIGTERM and SIGINT end a run between two steps, with everything saved that was promised."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType

PARENT_CHECK_SECONDS = 2.0


class Cancelled(Exception):  # noqa: N818 # an order, not an error
    """The run was asked to stop."""


def raise_on_signals() -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Cancelled

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def end_with_parent() -> None:
    """A village that was killed takes its training run along: nobody is left to serve the result."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
