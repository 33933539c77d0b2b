"""From Transformers and PEFT to GGUF, by llama.cpp's own converters in this same process."""

from __future__ import annotations

import importlib
import json
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from safetensors import safe_open
from transformers import AutoTokenizer, PreTrainedTokenizerFast

CONVERTER_SCRIPT = "convert_lora_to_gguf.py"
# What llama.cpp calls the way in which Qwen2 cuts text before BPE.
PRE_TOKENIZER = "qwen2"


class ConversionError(Exception):
    """The adapter cannot be served by llama.cpp as it stands."""


def convert_adapter(adapter: Path, base: Path, converter: Path, target: Path) -> None:
    """Write ``target`` (GGUF, 16-bit floats). Raises ``ConversionError`` for what would be lost on the way."""
    refuse_what_would_be_lost(adapter)
    script = converter / CONVERTER_SCRIPT
    with TemporaryDirectory() as folder:
        # The converter writes the folder's name into the file: equal weights are to be equal bytes.
        named = Path(folder) / "adapter"
        named.symlink_to(adapter.resolve(), target_is_directory=True)
        arguments = [str(named), "--base", str(base), "--outfile", str(target), "--outtype", "f16"]
        with _converter_in_place(script, arguments):
            _run(script)
    if not target.is_file():
        raise ConversionError(f"llama.cpp's converter wrote no {target}")


@contextmanager
def _converter_in_place(script: Path, arguments: list[str]) -> Iterator[None]:
    if not script.is_file():
        raise ConversionError(f"{script} is missing: run `python -m village_trainer converter` first")
    before_argv, before_path = sys.argv, list(sys.path)
    sys.argv = [str(script), *arguments]
    sys.path[:0] = [str(script.parent / "gguf-py"), str(script.parent)]
    try:
        yield
    finally:
        sys.argv, sys.path[:] = before_argv, before_path


def _no_sentencepiece(_self: object) -> None:
    # The converter then falls back to the BPE that the student has, without importing sentencepiece.
    raise FileNotFoundError


def _run(script: Path) -> None:
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        if end.code not in (None, 0):
            raise ConversionError(f"llama.cpp's converter ended with {end.code}") from end


def refuse_what_would_be_lost(adapter: Path) -> None:
    """llama.cpp's LoRA format knows plain LoRA alone."""
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    if config.get("use_dora"):
        raise ConversionError("llama.cpp cannot serve DoRA: train with use_dora=False")
    if config.get("use_rslora"):
        raise ConversionError("the converter ignores rsLoRA's scaling: train with use_rslora=False and alpha·√r")
    if config.get("modules_to_save"):
        raise ConversionError(f"modules_to_save {config['modules_to_save']} would be lost: train adapters alone")
    if config.get("bias", "none") != "none":
        raise ConversionError("trained biases would be lost: train with bias='none'")
    with safe_open(adapter / "adapter_model.safetensors", framework="np") as tensors:
        strange = [name for name in tensors.keys() if ".lora_" not in name]  # noqa: SIM118
    if strange:
        raise ConversionError(f"tensors that are no LoRA weights would be lost: {', '.join(strange[:3])}")


def convert_student(student: Path, converter: Path, target: Path) -> None:
    """Write the whole student as GGUF (16-bit floats). The converter knows tokenizers by hash; ours is new to it."""
    script = converter / "convert_hf_to_gguf.py"
    arguments = [str(student), "--outfile", str(target), "--outtype", "f16"]
    with _converter_in_place(script, arguments):
        base = importlib.import_module("conversion.base")
        base.TextModel.get_vocab_base_pre = lambda _self, _tokenizer: PRE_TOKENIZER
        base.TextModel._set_vocab_sentencepiece = _no_sentencepiece
        # The automatic choice for this architecture would add Qwen's own end token to the vocabulary.
        AutoTokenizer.from_pretrained = PreTrainedTokenizerFast.from_pretrained
        _run(script)
    if not target.is_file():
        raise ConversionError(f"llama.cpp's converter wrote no {target}")
