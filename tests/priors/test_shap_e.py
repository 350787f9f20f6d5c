"""Shap-E with random weights of its own architecture, small: our loop against diffusers' pipeline, and colours that are
sRGB."""

import numpy as np
import pytest
import torch
from diffusers import HeunDiscreteScheduler, PriorTransformer, ShapEPipeline
from diffusers.pipelines.shap_e import ShapERenderer
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

from t2a.errors import UserError
from t2a.events import run
from t2a.priors.shap_e import load_shap_e, text_to_mesh

# diffusers' Heun scheduler turns tensors into arrays in a way that numpy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")


@pytest.fixture(scope="module")
def pipe():
    torch.manual_seed(0)
    tokens = ["<|startoftext|>", "<|endoftext|>", *"abcdefghijklmnopqrstuvwxyz", *(c + "</w>" for c in "abdelr")]
    text = CLIPTextConfig(
        vocab_size=len(tokens), hidden_size=16, intermediate_size=37, projection_dim=16, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=77, bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    prior = PriorTransformer(
        num_attention_heads=2, attention_head_dim=16, embedding_dim=16, num_embeddings=32, embedding_proj_dim=16,
        time_embed_dim=64, num_layers=1, clip_embed_dim=32, additional_embeddings=0, time_embed_act_fn="gelu",
        norm_in_type="layer", encoder_hid_proj_type=None, added_emb_type=None,
    )  # fmt: skip
    renderer = ShapERenderer(
        param_shapes=((8, 93), (8, 8), (8, 8), (8, 8)), d_latent=16, d_hidden=8, n_output=12, background=(0.1, 0.1, 0.1)
    )
    scheduler = HeunDiscreteScheduler(
        beta_schedule="exp", num_train_timesteps=1024, prediction_type="sample", use_karras_sigmas=True,
        clip_sample=True, clip_sample_range=1.0,
    )  # fmt: skip
    pipe = ShapEPipeline(
        prior=prior.eval(),
        text_encoder=CLIPTextModelWithProjection(text).eval(),
        tokenizer=CLIPTokenizer(vocab={t: i for i, t in enumerate(tokens)}, merges=[], model_max_length=77),
        scheduler=scheduler,
        shap_e_renderer=renderer.eval(),
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def test_the_loop_draws_what_the_pipeline_draws(pipe, monkeypatch):
    """The latents, which is all that is random; decoding is diffusers' own in both."""
    seen = {}

    class Decoded(Exception):
        pass

    def stop(latents, device):
        seen["latents"] = latents
        raise Decoded

    monkeypatch.setattr(pipe.shap_e_renderer, "decode_to_mesh", stop)
    events = []
    with pytest.raises(Decoded):
        run(text_to_mesh(pipe, "a red ball", seed=3, steps=4, guidance_scale=2.0), events.append)
    start = torch.randn((1, 32, 16), generator=torch.Generator().manual_seed(3)).reshape(1, -1)
    expected = pipe("a red ball", num_inference_steps=4, guidance_scale=2.0, latents=start, output_type="latent").images
    torch.testing.assert_close(seen["latents"], expected)
    assert [e.step for e in events] == list(range(1, len(events) + 1)) and {e.stage for e in events} == {"shap-e"}


def test_colours_are_srgb_and_y_is_up(pipe, monkeypatch):
    class Mesh:
        verts = torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 2.0]])
        faces = torch.tensor([[0, 1, 2]])
        vertex_channels = {c: torch.tensor([0.0, 0.5, 1.0]) for c in "RGB"}

    monkeypatch.setattr(pipe.shap_e_renderer, "decode_to_mesh", lambda latents, device: Mesh)
    mesh = run(text_to_mesh(pipe, "a ball", steps=2))
    assert mesh.vertices[2].tolist() == [0, 2, 0]
    np.testing.assert_allclose(mesh.colors[:, 0], [0, 0.7354, 1], atol=1e-3)
    Mesh.faces = Mesh.faces[:0]
    with pytest.raises(UserError, match="drawn nothing"):
        run(text_to_mesh(pipe, "a ball", steps=2))


def test_a_saved_pipeline_loads_and_others_are_refused(pipe, tmp_path):
    pipe.save_pretrained(tmp_path / "model")
    assert load_shap_e(tmp_path / "model", offline=True).prior.config.num_embeddings == 32
    with pytest.raises(UserError, match="no model folder nowhere"):
        load_shap_e("nowhere")
    with pytest.raises(UserError, match="cannot be loaded"):
        load_shap_e(tmp_path)
