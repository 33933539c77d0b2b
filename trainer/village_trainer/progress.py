"""Progress as JSON lines on standard output; whatever libraries print goes to standard error."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO


class Progress:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @classmethod
    def take_standard_output(cls) -> Progress:
        """From now on prints of libraries, native ones too, land on standard error."""
        own = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        return cls(own)

    def emit(self, event: str, **fields: Any) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._stream.write(json.dumps({"event": event, "at": at, **fields}) + "\n")
        self._stream.flush()

    def phase(self, phase: str) -> None:
        self.emit("phase", phase=phase)

    def step(self, phase: str, step: int, max_steps: int, metrics: Mapping[str, float]) -> None:
        known = {name: value if math.isfinite(value) else None for name, value in metrics.items()}
        self.emit("step", phase=phase, step=step, maxSteps=max_steps, metrics=known)

    def warning(self, message: str) -> None:
        self.emit("warning", message=message)
