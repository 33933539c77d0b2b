"""Hooks for schemathesis: a made-up model is refused at once, so most bodies get one that is there."""

from __future__ import annotations

from typing import Any

import schemathesis

MODELS = ["village", "village/magi", "local/king", "openrouter/auto", "anthropic/claude-3.5-sonnet"]


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: Any, _kwargs: dict[str, Any]) -> None:
    """Three bodies of four, by their size, which is as good as chance and the same in every run."""
    body = case.body
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        return
    size = len(repr(body))
    if size % 4 != 0:
        body["model"] = MODELS[size % len(MODELS)]
