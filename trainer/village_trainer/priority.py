"""Training gives way to serving: whatever else runs on the machine comes first."""

from __future__ import annotations

import os
from pathlib import Path

NICENESS = 10


def give_way() -> None:
    """Lower this process's priority. Linux may weigh whole sessions, so a session of its own gives way too."""
    try:
        os.nice(max(0, NICENESS - os.nice(0)))
    except OSError:
        return
    if os.getsid(0) != os.getpid():
        return  # the session is shared with others, who are not to wait
    session = Path("/proc/self/autogroup")
    try:
        session.write_text(str(NICENESS))
    except OSError:  # not Linux, or not allowed: the process's own priority is lower all the same
        return
