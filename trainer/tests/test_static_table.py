import numpy as np
import torch

from village_trainer.embeddings.static_table import piece_vectors, principal_components, weighted, write_table


class EchoingModel(torch.nn.Module):
    """Its last layer holds each piece's number, so that means can be told by hand."""

    def forward(self, input_ids, attention_mask):
        hidden = input_ids.float().unsqueeze(-1) * attention_mask.unsqueeze(-1)
        return type("Output", (), {"last_hidden_state": hidden})


def test_a_piece_is_embedded_as_a_text_of_one_piece():
    vectors = piece_vectors(EchoingModel(), [6, 9], begin=0, end=3)

    assert vectors.tolist() == [[3.0], [4.0]]


def test_the_first_components_tell_pieces_apart_most():
    random = np.random.default_rng(1)
    vectors = random.normal(size=(200, 6)) * np.array([1, 9, 1, 3, 1, 1])

    found = principal_components(vectors, 2)

    assert found.shape == (200, 2)
    assert abs(np.corrcoef(found[:, 0], vectors[:, 1])[0, 1]) > 0.95
    assert abs(np.corrcoef(found[:, 1], vectors[:, 3])[0, 1]) > 0.95


def test_frequent_pieces_weigh_less():
    weights = weighted(np.ones((1000, 1)))[:, 0]

    assert weights[0] < 0.02
    assert weights[-1] > 0.8
    assert np.all(np.diff(weights) > 0)


def test_a_written_table_can_be_read_back_within_its_rounding(tmp_path):
    vectors = np.random.default_rng(2).normal(size=(5, 8)).astype(np.float32)

    write_table(tmp_path, ["a", "b", "c", "d", "e"], vectors)

    content = (tmp_path / "vectors.bin").read_bytes()
    scales = np.frombuffer(content[:20], "<f4")
    components = np.frombuffer(content[20:], np.int8).reshape(5, 8)
    assert np.abs(components * scales[:, None] - vectors).max() < 0.02
    assert (tmp_path / "vocabulary.txt").read_text() == "a\nb\nc\nd\ne\n"
