from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from village_trainer.converting import ConversionError, refuse_what_would_be_lost


def adapter(folder: Path, tensors: dict[str, Any] | None = None, **config: Any) -> Path:
    (folder / "adapter_config.json").write_text(json.dumps({"bias": "none", **config}), encoding="utf-8")
    save_file(tensors or {"layer.lora_A.weight": np.zeros((2, 2))}, folder / "adapter_model.safetensors")
    return folder


def test_a_plain_adapter_is_accepted(tmp_path: Path) -> None:
    refuse_what_would_be_lost(adapter(tmp_path))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"use_dora": True}, "DoRA"),
        ({"use_rslora": True}, "rsLoRA"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"bias": "all"}, "biases"),
    ],
)
def test_what_llama_cpp_would_lose_is_refused(tmp_path: Path, config: dict[str, Any], message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        refuse_what_would_be_lost(adapter(tmp_path, **config))


def test_tensors_that_are_no_adapter_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="layer.bias"):
        refuse_what_would_be_lost(adapter(tmp_path, {"layer.bias": np.zeros(2)}))
