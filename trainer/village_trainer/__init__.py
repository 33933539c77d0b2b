"""The trainer of AI Village: datasets in, checkpoints out, plus the script that makes the tiny student."""
