"""`embeddings MODEL --out FOLDER`: makes the table of static embeddings that stands in the repository."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("embeddings", help="distil a sentence-embedding model to one vector per word piece")
    parser.add_argument("model", type=Path, help="a folder with the model's weights and tokenizer")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dimension", type=int, default=192)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from village_trainer.embeddings.static_table import distil, write_table  # noqa: PLC0415 # takes seconds

    pieces, vectors = distil(options.model, dimension=options.dimension)
    write_table(options.out, pieces, vectors)
    for name in ("vocabulary.txt", "vectors.bin"):
        content = (options.out / name).read_bytes()
        print(f"{name}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    return 0
