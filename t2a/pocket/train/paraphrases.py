"""The text encoder learns that a scene means the same however it is said: as its plain caption, which the frozen pocket
UNet draws best.

A second text encoder, which begins as the first, reads loose speech (t2a.pocket.speech); the first reads the plain
caption of the same scene. What reaches the UNet is to be equal: the outputs of its cross-attention layers, for what
they ask while it draws, and what it pools from the text. The UNet itself need not run, so that hours become minutes,
and it hears nothing new: what was trained beside it stays as good.

python -m t2a.pocket.train.paraphrases --out paraphrases --steps 6000 --ship
"""

from __future__ import annotations

import argparse
import copy
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextModel, CLIPTokenizer

from t2a.cameras import orbit
from t2a.pocket import path
from t2a.pocket.captions import Spec, caption, words
from t2a.pocket.counterfactuals import counterfactuals
from t2a.pocket.speech import any_caption, loose_caption
from t2a.pocket.train import tokenizer
from t2a.pocket.train.card import read_log
from t2a.pocket.train.common import learnt, save_atomically
from t2a.pocket.train.export import load_in_fp32
from t2a.pocket.train.model import VIEWS
from t2a.pocket.vocabulary import WORDS
from t2a.pocket.world import sample_spec
from t2a.priors.camera_encoder import CameraEncoder
from t2a.priors.catalog import load_pipeline
from t2a.priors.multiview import join_views

LOOSE = 0.65
"""Share of sentences that are loose speech; the rest are such as the pictures were labelled with."""
DRAWINGS, DRAWING_STEPS, GUIDANCE = 80, 12, 5.0
"""Scenes that are drawn once, for what the layers ask meanwhile."""
ASKED = 8
"""Questions that are kept of every picture, step and layer."""
QUESTIONS = 24
"""Of each layer that are put to each text in a step of the training."""
ROW = "| after them |"
"""How the card's line about this begins."""
OTHERS = 12
"""Scenes that a sentence could be mistaken for, of each kind of change."""
BLIND = 0.1
"""Share of texts without a camera."""


class Listeners(nn.Module):
    """All that a UNet hears of a text: its cross-attention layers, and what pools the text into the time embedding."""

    def __init__(self, unet: UNet2DConditionModel):
        super().__init__()
        self.layers = nn.ModuleList(layers_of(unet).values())
        self.pooling = unet.add_embedding
        self.requires_grad_(False).eval()

    def forward(
        self, context: Float[Tensor, "b l d"], questions: Sequence[Float[Tensor, "b q w"]]
    ) -> list[Float[Tensor, "b q w"]]:
        """What each layer answers to its questions, and at last what is pooled, [b, 1, time channels]."""
        answers = []
        for layer, question in zip(self.layers, questions, strict=True):
            assert isinstance(layer, Attention)
            q, k, v = (
                x.unflatten(-1, (layer.heads, -1)).transpose(1, 2)
                for x in (question, layer.to_k(context), layer.to_v(context))
            )
            mixed = functional.scaled_dot_product_attention(q, k, v, scale=layer.scale)
            answers.append(layer.to_out[0](mixed.transpose(1, 2).flatten(2)))
        return [*answers, self.pooling(context)[:, None]]


def layers_of(unet: UNet2DConditionModel) -> dict[str, Attention]:
    """The cross-attention layers by name."""
    return {name: m for name, m in unet.named_modules() if isinstance(m, Attention) and name.endswith("attn2")}


@torch.no_grad()
def overheard(
    pipe: StableDiffusionPipeline, camera_encoder: CameraEncoder, drawings: int, seed: int
) -> list[Float[Tensor, "n w"]]:
    """What each cross-attention layer asks while scenes of the training side are drawn, VIEWS together: rows of its
    queries, fp16."""
    rng, generator = np.random.default_rng([seed, 5]), torch.Generator().manual_seed(seed)
    kept: list[list[Tensor]] = [[] for _ in layers_of(pipe.unet)]

    def listen(rows: list[Tensor]):
        def hook(_module: nn.Module, _inputs: tuple, queries: Tensor) -> None:
            told = queries.chunk(2)[1]  # the guidance's branch without a text asks too
            columns = torch.rand(told.shape[:2], generator=generator).argsort(1)[:, :ASKED]
            rows.append(told.gather(1, columns[..., None].expand(-1, -1, told.shape[-1])).flatten(0, 1).half())

        return hook

    hooks = [
        layer.to_q.register_forward_hook(listen(rows))
        for layer, rows in zip(layers_of(pipe.unet).values(), kept, strict=True)
    ]
    scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    pipe.unet.to(memory_format=torch.channels_last)
    join_views(pipe.unet, VIEWS)
    empty = encoded(pipe.text_encoder, pipe.tokenizer, [""]).expand(VIEWS, -1, -1)
    shape = (VIEWS, pipe.unet.config.in_channels, *(pipe.unet.config.sample_size,) * 2)
    for number in range(drawings):
        azimuths = torch.arange(VIEWS) * (360.0 / VIEWS) + 360.0 * float(torch.rand((), generator=generator))
        cameras = orbit(azimuths, float(torch.rand((), generator=generator)) * 50 - 5)
        told = encoded(pipe.text_encoder, pipe.tokenizer, [caption(sample_spec(rng))]) + camera_encoder(cameras)
        context = torch.cat([empty, told])
        z = torch.randn(shape, generator=generator)
        scheduler.set_timesteps(DRAWING_STEPS)
        for t in scheduler.timesteps:
            without, with_text = pipe.unet(z.repeat(2, 1, 1, 1), t, context).sample.chunk(2)
            z = scheduler.step(without + GUIDANCE * (with_text - without), t, z).prev_sample
        if (number + 1) % 20 == 0:
            print(f"drawn {number + 1} of {drawings}", flush=True)
    for hook in hooks:
        hook.remove()
    return [torch.cat(rows) for rows in kept]


def numbers(tokens: CLIPTokenizer, texts: Sequence[str]) -> Int[Tensor, "b l"]:
    return tokens(list(texts), padding="max_length", truncation=True, return_tensors="pt").input_ids


def encoded(text_encoder: nn.Module, tokens: CLIPTokenizer, texts: Sequence[str]) -> Float[Tensor, "b l d"]:
    return text_encoder(numbers(tokens, texts)).last_hidden_state


def with_vocabulary(text_encoder: CLIPTextModel, old: CLIPTokenizer, new: CLIPTokenizer) -> CLIPTextModel:
    """A copy that reads the tokens of `new`; those that `old` lacks begin as noise of the usual size."""
    grown = copy.deepcopy(text_encoder)
    before = text_encoder.get_input_embeddings().weight.detach()
    noise = torch.randn(len(new), before.shape[1], generator=torch.Generator().manual_seed(0))
    rows = noise * before.std() + before.mean(0)
    known = old.get_vocab()
    for token, number in new.get_vocab().items():
        if token in known:
            rows[number] = before[known[token]]
    grown.resize_token_embeddings(len(new), mean_resizing=False)
    grown.get_input_embeddings().weight.data.copy_(rows)
    for name in ("bos", "eos", "pad"):
        setattr(grown.config, f"{name}_token_id", getattr(new, f"{name}_token_id"))
    return grown


def apart(
    found: Sequence[Float[Tensor, "b q w"]], wanted: Sequence[Float[Tensor, "b q w"]]
) -> Float[Tensor, " answers"]:
    """Squared distance of each kind of answer, as a share of how much the wanted ones differ from text to text."""
    return torch.stack(
        [
            (a - b).square().sum(-1).mean() / (b - b.mean(0)).square().sum(-1).mean().clamp(min=1e-8)
            for a, b in zip(found, wanted, strict=True)
        ]
    )


def train(out: Path, pipeline: Path, steps: int, *, batch: int, rate: float, seed: int, drawings: int) -> None:
    """Train into out/paraphrases.pt, and write the averaged text encoder with its tokenizer into `out` at the end."""
    pipe, _ = load_pipeline(pipeline)
    camera_encoder = CameraEncoder.load(pipeline)
    assert camera_encoder is not None
    teacher, old, new = pipe.text_encoder.eval().requires_grad_(False), pipe.tokenizer, tokenizer.build(words())
    camera_encoder.requires_grad_(False)
    pool = out / "questions.pt"
    if not pool.exists():
        save_atomically(overheard(pipe, camera_encoder, drawings, seed), pool)
    asked: list[Tensor] = torch.load(pool, weights_only=True)
    student = with_vocabulary(teacher, old, new).train().requires_grad_(True)
    listeners = Listeners(pipe.unet)

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        rng = np.random.default_rng([seed, step, 7])
        specs = [sample_spec(rng) for _ in range(batch - 1)]
        plain = ["", *(caption(spec) for spec in specs)]  # guidance compares with the empty text
        said = ["", *(any_caption(spec, rng, LOOSE) for spec in specs)]
        azimuths, elevations = torch.rand(2, batch, generator=generator)
        seen = torch.rand(batch, generator=generator) >= BLIND
        camera = camera_encoder(orbit(360 * azimuths, 60 * elevations - 10)) * seen[:, None, None]
        rows = [torch.randint(len(r), (QUESTIONS,), generator=generator) for r in asked]
        # The same questions to every text: what differs between the answers is then the texts'.
        questions = [r[i].float().expand(batch, -1, -1) for r, i in zip(asked, rows, strict=True)]
        with torch.no_grad():
            wanted = listeners(encoded(teacher, old, plain) + camera, questions)
        found = listeners(encoded(student, new, said) + camera, questions)
        shares = apart(found, wanted)
        return {"loss": shares.mean(), "pooled": shares[-1], "asked": shares[:-1].mean()}

    if learnt(student, loss_of, steps=steps, folder=out, name="paraphrases", rate=rate, seed=seed, decay=0.5):
        student.eval().half().save_pretrained(out / "text_encoder")
        new.save_pretrained(out / "tokenizer")


@torch.no_grad()
def understood(
    text_encoder: nn.Module,
    tokens: CLIPTokenizer,
    pipeline: Path,
    said: Sequence[tuple[Spec, str]],
    questions: Sequence[Float[Tensor, "n w"]],
) -> list[bool]:
    """Whether each sentence reaches the UNet of a pipeline as something nearer to the plain caption of its scene than
    to those of scenes one change away, up to OTHERS of each kind, as the pipeline's own text encoder reads these."""
    pipe, _ = load_pipeline(pipeline)
    listeners = Listeners(pipe.unet)
    some = [r[:: max(len(r) // 32, 1)][:32].float()[None] for r in questions]

    def heard(encoder: nn.Module, reader: CLIPTokenizer, texts: Sequence[str]) -> Float[Tensor, "b n"]:
        put = [q.expand(len(texts), -1, -1) for q in some]
        return torch.cat([answer.flatten(1) for answer in listeners(encoded(encoder, reader, texts), put)], dim=1)

    right = []
    for spec, sentence in said:
        groups = counterfactuals(spec).values()
        others = [spec, *(other for group in groups for other in group[:: max(len(group) // OTHERS, 1)][:OTHERS])]
        wanted = heard(pipe.text_encoder, pipe.tokenizer, [caption(other) for other in others])
        found = heard(text_encoder, tokens, [sentence])
        right.append(int((wanted - found).norm(dim=1).argmin()) == 0)
    return right


def ship(out: Path, pipeline: Path) -> None:
    """Put the text encoder and its tokenizer where the pipeline has its own."""
    for part in ("text_encoder", "tokenizer"):
        shutil.copytree(out / part, pipeline / part, dirs_exist_ok=True)
        for file in (pipeline / part).iterdir():
            file.chmod(0o644)
    load_in_fp32(pipeline / "text_encoder" / "config.json")
    (pipeline / WORDS).write_text("\n".join(words()) + "\n", encoding="utf-8")
    shutil.copy(out / "paraphrases.csv", pipeline / "training" / "paraphrases.csv")
    card = pipeline / "README.md"
    lines = [line for line in card.read_text(encoding="utf-8").splitlines() if not line.startswith(ROW)]
    steps = int(read_log(out / "paraphrases.csv").last["step"])
    place = next(i for i, line in enumerate(lines) if line.startswith("| dropout |"))
    lines.insert(
        place, f"{ROW} the text encoder learns that loose speech means what plain captions mean, {steps:,} steps |"
    )
    card.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the weights")
    parser.add_argument("--pipeline", type=Path, help="whose UNet listens (default: the package's own)")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=96, help="sentences in a step")
    parser.add_argument("--rate", type=float, default=5e-4, help="learning rate")
    parser.add_argument(
        "--drawings", type=int, default=DRAWINGS, help="scenes that are drawn for the layers' questions"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ship", action="store_true", help="put the text encoder where the package has its own")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    folder = args.pipeline or path()
    how = {name: getattr(args, name) for name in ("batch", "rate", "seed", "drawings")}
    train(args.out, folder, args.steps, **how)
    tokens = CLIPTokenizer.from_pretrained(args.out / "tokenizer")
    reader = CLIPTextModel.from_pretrained(args.out / "text_encoder").float().eval()
    rng = np.random.default_rng([args.seed, 11])
    specs = [sample_spec(rng, held_out=True) for _ in range(200)]
    said = [(spec, loose_caption(spec, rng)) for spec in specs]
    questions = torch.load(args.out / "questions.pt", weights_only=True)
    before = load_pipeline(folder)[0]
    for name, encoder, words_of in (("before", before.text_encoder, before.tokenizer), ("after", reader, tokens)):
        right = understood(encoder, words_of, folder, said, questions)
        print(f"{name}: {sum(right) / len(right):.1%} of {len(right)} held-out scenes in loose speech are understood")
    if args.ship:
        ship(args.out, folder)


if __name__ == "__main__":
    main()
