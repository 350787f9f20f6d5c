"""CLIP beside a denoiser: what it gives, and that a denoiser takes texts and images where it is there."""

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTokenizer, CLIPVisionConfig

from t2a.errors import UserError
from t2a.priors.point_e import build
from t2a.priors.point_e.clip import MEAN, STD, Clip, load_clip, preprocess
from t2a.priors.point_e.configs import PointDiffusionConfig
from tests.priors.point_e.reference import randomize

WORDS = ["red", "blue", "ball", "cube"]
CLIP_WIDTH, GRID_WIDTH, TOKENS = 20, 24, 9


@pytest.fixture(scope="module")
def clip():
    """ViT-L/14's layout, small: 24 x 24 pixels in 9 patches."""
    vocabulary = [f"{word}</w>" for word in WORDS] + list("redblucab") + ["<|startoftext|>", "<|endoftext|>"]
    letters = sorted({c + end for word in WORDS for c in word for end in ("", "</w>")})
    names = list(dict.fromkeys([*letters, *vocabulary]))
    tokenizer = CLIPTokenizer(vocab={name: i for i, name in enumerate(names)}, merges=[], model_max_length=16)
    small = {"hidden_size": GRID_WIDTH, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    ids = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    text = CLIPTextConfig(vocab_size=len(names), max_position_embeddings=16, **ids, **small)
    vision = CLIPVisionConfig(image_size=24, patch_size=8, **small)
    config = CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=CLIP_WIDTH)
    return Clip(randomize(CLIPModel(config)), tokenizer)


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    return [
        rng.random((24, 24, 3), dtype=np.float32),
        Image.fromarray(rng.integers(0, 255, (30, 50, 3), dtype=np.uint8)),
    ]


def test_vectors_have_unit_length_and_differ(clip, images):
    for vectors in (clip.texts(["red ball", "blue cube"]), clip.images(images)):
        assert vectors.shape == (2, CLIP_WIDTH)
        torch.testing.assert_close(vectors.norm(dim=1), torch.ones(2))
        assert (vectors[0] - vectors[1]).abs().max() > 0.01


def test_vectors_are_the_model_s_own_features(clip, images):
    tokens = clip.tokenizer(["red ball", "blue"], padding=True, return_tensors="pt")
    pixels = torch.stack([preprocess(image, 24) for image in images])
    with torch.no_grad():
        output = clip.model(**tokens, pixel_values=pixels)
    torch.testing.assert_close(clip.texts(["red ball", "blue"]), output.text_embeds, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(clip.images(images), output.image_embeds, rtol=1e-4, atol=1e-5)


def test_the_grid_is_the_last_block_s_patches(clip, images):
    grids = clip.grids(images)
    assert grids.shape == (2, GRID_WIDTH, TOKENS)
    pixels = torch.stack([preprocess(image, 24) for image in images])
    with torch.no_grad():
        hidden = clip.model.vision_model(pixels, output_hidden_states=True).hidden_states
    torch.testing.assert_close(grids, hidden[-1][:, 1:].transpose(1, 2), rtol=1e-4, atol=1e-5)
    # The final norm is not on it: its tokens are not standardised.
    assert (grids.mean(1).abs() > 0.02).any()


def test_texts_beyond_the_length_are_cut_off(clip):
    assert torch.equal(clip.texts(["red " * 40]), clip.texts(["red " * 50]))


def test_denoisers_take_what_clip_encodes(clip, images):
    sizes = {"width": 32, "layers": 1, "heads": 2, "n_ctx": 8, "clip_tokens": TOKENS}
    vector = randomize(build(PointDiffusionConfig("vector", clip_width=CLIP_WIDTH, **sizes), clip))
    grid = randomize(build(PointDiffusionConfig("grid", clip_width=GRID_WIDTH, **sizes), clip))
    x, t, texts = torch.ones(2, 6, 8), torch.tensor([5, 900]), ["red ball", "blue cube"]
    assert torch.equal(vector(x, t, texts=texts), vector(x, t, embeddings=clip.texts(texts)))
    assert torch.equal(vector(x, t, images=images), vector(x, t, embeddings=clip.images(images)))
    assert torch.equal(grid(x, t, images=images), grid(x, t, embeddings=clip.grids(images)))
    assert not any(name.startswith("clip.") for name in grid.state_dict())
    assert (vector(x, t, texts=texts) - vector(x, t)).abs().max() > 1e-3


def test_pictures_are_prepared_as_clip_s_own():
    """The middle square, in CLIP's units of each channel."""
    flat = preprocess(np.full((40, 90, 3), 0.2, np.float32), 24)
    expected = (0.2 - torch.tensor(MEAN)) / torch.tensor(STD)
    torch.testing.assert_close(flat, expected[:, None, None].expand(3, 24, 24), rtol=1e-5, atol=1e-5)

    wide = np.zeros((24, 72, 3), np.float32)
    wide[:, 24:48] = 1
    assert preprocess(wide, 24)[0].min() == preprocess(np.ones((24, 24, 3), np.float32), 24)[0].min()
    assert preprocess(np.zeros((30, 7, 3), np.float32), 24).shape == (3, 24, 24)


def test_pictures_equal_transformers_own_preparation():
    """Where the square's place is a whole pixel; else the two round differently, and ours as the published CLIP."""
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    image = Image.fromarray(np.random.default_rng(1).integers(0, 255, (85, 60, 3), dtype=np.uint8))
    theirs = CLIPImageProcessorPil(size={"shortest_edge": 24}, crop_size={"height": 24, "width": 24})(
        image, return_tensors="pt"
    ).pixel_values[0]
    torch.testing.assert_close(preprocess(image, 24), theirs, rtol=1e-4, atol=1e-4)


def test_a_saved_folder_loads(clip, tmp_path):
    clip.model.save_pretrained(tmp_path)
    clip.tokenizer.save_pretrained(tmp_path)
    loaded = load_clip(tmp_path)
    torch.testing.assert_close(loaded.texts(["blue ball"]), clip.texts(["blue ball"]), rtol=1e-4, atol=1e-5)


def test_a_missing_model_is_a_user_error(tmp_path):
    for source in (tmp_path, tmp_path / "none", "nobody/nothing"):
        with pytest.raises(UserError, match="cannot be loaded") as caught:
            load_clip(source, offline=True)
        assert "\n" not in str(caught.value)
