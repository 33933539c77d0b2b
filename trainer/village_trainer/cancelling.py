"""SIGTERM and SIGINT end a run between two steps, with everything saved that was promised."""

from __future__ import annotations

import signal
from types import FrameType


class Cancelled(Exception):
    """The run was asked to stop."""


def raise_on_signals() -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Cancelled

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
