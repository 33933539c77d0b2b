"""glibc gives large blocks back to the kernel after every use; training pays for that in page faults."""

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4


def keep_freed_memory() -> None:
    """Let malloc keep what is freed, so that each step reuses the pages of the last. Elsewhere than Linux: nothing."""
    if not sys.platform.startswith("linux"):
        return
    try:
        allocator = ctypes.CDLL(None).mallopt
    except AttributeError:  # a C library without mallopt
        return
    allocator(_M_MMAP_MAX, 0)
    allocator(_M_TRIM_THRESHOLD, 2**31 - 1)
    allocator(_M_TOP_PAD, 64 * 2**20)
