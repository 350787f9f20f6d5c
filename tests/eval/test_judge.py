from __future__ import annotations

import pytest
import torch

from t2a.errors import UserError
from t2a.eval.judge import UNKNOWN, WEIGHTS, load_judge, save_judge, tokenize
from t2a.eval.retrieval import judge_accuracy

CAPTIONS = ["a red cube", "a blue ball on top of a large green cylinder", "a cat wearing a purple scarf", "key"]


def pictures(count: int, size: int = 64) -> torch.Tensor:
    return torch.rand(count, size, size, 3, generator=torch.Generator().manual_seed(3))


def test_permuting_captions_permutes_scores(tiny_judge):
    order = [2, 0, 3, 1]
    scores = tiny_judge.score_views(pictures(3), CAPTIONS)
    torch.testing.assert_close(tiny_judge.score_views(pictures(3), [CAPTIONS[i] for i in order]), scores[order])


def test_order_of_views_does_not_matter(tiny_judge):
    scores = tiny_judge.score_views(pictures(3), CAPTIONS)
    torch.testing.assert_close(tiny_judge.score_views(pictures(3).flip(0), CAPTIONS), scores)


def test_a_batch_equals_singles(tiny_judge):
    images = pictures(3)
    singles = torch.cat([tiny_judge.embed_images(image[None]) for image in images])
    torch.testing.assert_close(tiny_judge.embed_images(images), singles, atol=1e-5, rtol=1e-5)
    texts = torch.cat([tiny_judge.embed_texts([text]) for text in CAPTIONS])
    torch.testing.assert_close(tiny_judge.embed_texts(CAPTIONS), texts, atol=1e-5, rtol=1e-5)


def test_scores_of_a_batch_equal_those_of_singles(tiny_judge):
    """Sentences of other lengths pad it, and padding has no evidence."""
    torch.nn.init.normal_(tiny_judge.matcher.evidence.weight)
    scores = tiny_judge.scores(pictures(3), CAPTIONS)
    singles = torch.cat([tiny_judge.scores(pictures(3), [text]) for text in CAPTIONS], dim=1)
    torch.testing.assert_close(scores, singles, atol=1e-4, rtol=1e-4)


def test_embeddings_are_unit_vectors_and_an_untaught_matcher_adds_nothing_to_their_cosines(tiny_judge):
    images, texts = tiny_judge.embed_images(pictures(3)), tiny_judge.embed_texts(CAPTIONS)
    torch.testing.assert_close(images.norm(dim=1), torch.ones(3))
    torch.testing.assert_close(texts.norm(dim=1), torch.ones(4))
    torch.testing.assert_close(tiny_judge.scores(pictures(3), CAPTIONS), tiny_judge.scale * images @ texts.T)


def test_the_matcher_reads_where_things_are(tiny_judge):
    """A mirrored picture has the same patches in other places."""
    torch.nn.init.normal_(tiny_judge.matcher.evidence.weight)
    torch.nn.init.normal_(tiny_judge.matcher.place)
    reading, pairs = tiny_judge.read(CAPTIONS), torch.arange(4)[None]
    patches = torch.randn(1, 144, tiny_judge.image.patch_width, generator=torch.Generator().manual_seed(0))
    found, mirrored = (tiny_judge.matcher(p, reading, pairs) for p in (patches, patches.flip(1)))
    assert (found - mirrored).abs().max() > 1e-3


def test_word_order_counts_and_case_and_punctuation_do_not(tiny_judge):
    one, swapped, loud = tiny_judge.embed_texts(
        ["red cube on a blue ball", "blue ball on a red cube", "Red cube, on a BLUE ball."]
    )
    assert (one - swapped).abs().max() > 1e-3
    torch.testing.assert_close(one, loud)


def test_larger_pictures_are_resized_by_area(tiny_judge):
    images = pictures(2)
    enlarged = images.repeat_interleave(2, 1).repeat_interleave(2, 2)
    torch.testing.assert_close(tiny_judge.embed_images(enlarged), tiny_judge.embed_images(images), atol=1e-5, rtol=1e-5)


def test_unknown_words_and_empty_texts_are_one_token():
    assert tokenize("zeppelin", {"red": 2}) == [UNKNOWN]
    assert tokenize("", {"red": 2}) == [UNKNOWN]


def test_saved_and_loaded_judges_agree(tiny_judge, tmp_path):
    save_judge(tiny_judge, tmp_path)
    loaded = load_judge(tmp_path)
    assert loaded.config == tiny_judge.config
    # fp16 keeps about three digits.
    torch.testing.assert_close(loaded.embed_texts(CAPTIONS), tiny_judge.embed_texts(CAPTIONS), atol=5e-3, rtol=0)


def test_wrong_input_says_what_is_right(tiny_judge, tmp_path):
    with pytest.raises(UserError, match=r"\[batch, height, width, 3\]"):
        tiny_judge.embed_images(torch.zeros(3, 64, 64))
    with pytest.raises(UserError, match="train_judge"):
        load_judge(tmp_path)


def test_shipped_weights_are_small():
    assert (WEIGHTS / "model.safetensors").stat().st_size <= 6 * 2**20
    assert (WEIGHTS / "README.md").is_file()


@pytest.mark.slow
def test_shipped_judge_knows_true_renders():
    """All plain objects; what its card says it confuses lowers the rest."""
    accuracy = judge_accuracy(load_judge(), count=60, seed=5001)
    assert accuracy["by_kind"]["single"] >= 0.95 and accuracy["top1"] >= 0.75
    assert accuracy["chance"] < 0.02
