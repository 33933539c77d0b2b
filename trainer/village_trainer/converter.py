"""Unpacks llama.cpp's converters from the bundle that comes inside the node-llama-cpp package."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from village_trainer.converting import CONVERTER_SCRIPT


def unpack_converter(bundle: Path, out: Path) -> bool:
    """Clone the bundle to ``out``, whole or not at all. False when it was there already.

    Raises ``FileNotFoundError`` when the bundle or git is missing, ``CalledProcessError`` when git fails.
    """
    if (out / CONVERTER_SCRIPT).is_file():
        return False
    if not bundle.is_file():
        raise FileNotFoundError(f"there is no bundle at {bundle}: run npm ci first")
    if shutil.which("git") is None:
        raise FileNotFoundError("git is missing: it is needed to unpack llama.cpp's converters")
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    clone = ["git", "-c", "advice.detachedHead=false", "clone", "--quiet"]
    subprocess.run([*clone, str(bundle.resolve()), str(partial)], check=True)
    partial.rename(out)
    return True
