"""`python -m village_trainer train JOB.json`, and the commands that make the student and its tools."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

from village_trainer.cancelling import Cancelled, end_with_parent, raise_on_signals
from village_trainer.priority import give_way
from village_trainer.progress import Progress

EXIT_FINISHED, EXIT_FAILED, EXIT_CANCELLED = 0, 1, 130


def main() -> int:
    parser = argparse.ArgumentParser(prog="village_trainer", description="Trains the local models of AI Village.")
    commands = parser.add_subparsers(required=True)
    train = commands.add_parser("train", help="carry out a training job; events as JSON lines on standard output")
    train.add_argument("job", type=Path)
    train.set_defaults(run=lambda options: train_command(options.job))
    converter = commands.add_parser("converter", help="unpack llama.cpp's converters from node-llama-cpp's bundle")
    converter.add_argument("--bundle", type=Path, required=True)
    converter.add_argument("--out", type=Path, required=True)
    converter.set_defaults(run=lambda options: converter_command(options.bundle, options.out))
    add_pretraining_commands(commands)
    add_embeddings_command(commands)
    options = parser.parse_args()
    return options.run(options)


def add_pretraining_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from village_trainer.pretraining.command import add_commands  # noqa: PLC0415 # pulls in nothing heavy

    add_commands(commands)


def add_embeddings_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from village_trainer.embeddings.command import add_command  # noqa: PLC0415 # pulls in nothing heavy

    add_command(commands)


def train_command(job_path: Path) -> int:
    progress = Progress.take_standard_output()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    raise_on_signals()
    end_with_parent()
    give_way()
    # After the output is ours: these imports take seconds and print.
    from village_trainer.job import load_job  # noqa: PLC0415

    try:
        job = load_job(job_path)
    except Exception as error:
        progress.emit("failed", reason=f"{type(error).__name__}: {error}", detail="")
        return EXIT_FAILED
    try:
        from village_trainer.train import run_job  # noqa: PLC0415

        manifest = run_job(job, progress)
    except (Cancelled, KeyboardInterrupt):
        shutil.rmtree(job.partial, ignore_errors=True)
        shutil.rmtree(job.work, ignore_errors=True)
        progress.emit("cancelled")
        return EXIT_CANCELLED
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        shutil.rmtree(job.partial, ignore_errors=True)
        progress.emit("failed", reason=f"{type(error).__name__}: {error}", detail="")
        return EXIT_FAILED
    progress.emit("finished", manifest=manifest)
    return EXIT_FINISHED


def converter_command(bundle: Path, out: Path) -> int:
    from village_trainer.converter import unpack_converter  # noqa: PLC0415

    try:
        fresh = unpack_converter(bundle, out)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"llama.cpp's converters could not be unpacked: {error}", file=sys.stderr)
        return EXIT_FAILED
    print(f"llama.cpp's converters are {'unpacked' if fresh else 'already'} in {out}")
    return EXIT_FINISHED


if __name__ == "__main__":
    sys.exit(main())
