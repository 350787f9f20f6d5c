"""The judge: a small contrastive model of images and sentences, after CLIP (Radford et al. 2021), with a matcher that
looks the words of a sentence up in the picture, as the image-text matching of ALBEF (Li et al. 2021) does.

It shares neither data, nor tokens, nor architecture with the generator, and is never used as guidance. Its image
encoder is a residual CNN at 96 x 96 pixels; its text encoder reads whole words with a bidirectional GRU, so that word
order counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from t2a.errors import UserError
from t2a.priors.module_folder import load_module, save_module

WEIGHTS = Path(__file__).parent.parent / "pocket" / "weights" / "judge"
PAD, UNKNOWN = 0, 1
MAX_WORDS = 32
MAX_LOG_SCALE = 4.6
"""Upper end of the logarithm of the inverse temperature, 100 as in CLIP."""
SECTORS = 8
"""Of the circle around an object, as wide as a turntable's steps; sector 0 is centred on the front."""


@dataclass(frozen=True)
class JudgeConfig:
    vocabulary: tuple[str, ...]
    """The words it knows; token i + 2 is word i, after padding and the unknown word."""
    size: int = 96
    """Pixels; pictures of other sizes are resized by area."""
    widths: tuple[int, ...] = (32, 64, 128, 224)
    """Channels at 1/2, 1/4, 1/8 and 1/16 of the size."""
    blocks: tuple[int, ...] = (0, 1, 1, 1)
    """Residual blocks at each of these scales."""
    word_width: int = 64
    text_width: int = 128
    """Hidden units of the GRU in each direction."""
    embedding: int = 256
    match_width: int = 128
    match_heads: int = 4


def index_of(vocabulary: Sequence[str]) -> dict[str, int]:
    """Token of each word that is known."""
    return {word: i + 2 for i, word in enumerate(vocabulary)}


def tokenize(text: str, index: dict[str, int]) -> list[int]:
    """Token of each word, punctuation aside."""
    return [index.get(word, UNKNOWN) for word in re.findall(r"[a-z0-9]+", text.lower())[:MAX_WORDS]] or [UNKNOWN]


class Sight(NamedTuple):
    """What the image encoder makes of pictures."""

    features: Float[Tensor, "b w"]
    """Of the whole picture: `head` turns them into the embedding, `side` into logits of the sector that is seen."""
    patches: Float[Tensor, "b p c"]
    """Of the places in it: the grid at 1/8 of the size, with what the grid at 1/16 says there."""


class Reading(NamedTuple):
    """What the text encoder makes of sentences."""

    summary: Float[Tensor, "t d"]
    words: Float[Tensor, "t n h"]
    """Each in the light of the words around it."""
    known: Bool[Tensor, "t n"]
    """Which of them are words and not padding."""


class Block(nn.Module):
    """Pre-activation residual block (He et al. 2016)."""

    def __init__(self, width: int):
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        hidden = self.conv1(functional.relu(self.norm1(x)))
        return x + self.conv2(functional.relu(self.norm2(hidden)))


class ImageEncoder(nn.Module):
    def __init__(self, config: JudgeConfig):
        super().__init__()
        layers: list[nn.Module] = []
        last = 3
        for number, (width, blocks) in enumerate(zip(config.widths, config.blocks, strict=True)):
            kernel = 5 if number == 0 else 3
            layers += [nn.Conv2d(last, width, kernel, stride=2, padding=kernel // 2), nn.BatchNorm2d(width), nn.ReLU()]
            layers += [Block(width) for _ in range(blocks)]
            last = width
        # Batch statistics: those of a single picture (GroupNorm) take away how much of a colour it has, and families
        # are learnt at a fifth of the pace.
        self.body = nn.Sequential(*layers, nn.BatchNorm2d(last), nn.ReLU())
        self.coarsest = len(self.body) - 2 - (3 + config.blocks[-1])
        """Index of the layer that begins the last scale."""
        self.patch_width = sum(config.widths[-2:])
        self.grid = config.size // 2 ** len(config.widths)
        # Where a colour is decides what it belongs to, so the last grid is kept rather than averaged.
        self.squeeze = nn.Conv2d(last, 48, 1)
        self.width = 48 * self.grid**2 + last
        self.norm = nn.LayerNorm(self.width)
        self.head = nn.Linear(self.width, config.embedding)
        self.side = nn.Linear(self.width, SECTORS)

    def forward(self, images: Float[Tensor, "b 3 h w"]) -> Sight:
        fine = self.body[: self.coarsest](images * 2 - 1)
        x = self.body[self.coarsest :](fine)
        features = self.norm(torch.cat([self.squeeze(x).flatten(1), x.mean((2, 3))], dim=1).float())
        patches = torch.cat([fine, functional.interpolate(x, size=fine.shape[2:], mode="nearest")], dim=1)
        return Sight(features, patches.flatten(2).mT)


class TextEncoder(nn.Module):
    def __init__(self, config: JudgeConfig):
        super().__init__()
        self.words = nn.Embedding(len(config.vocabulary) + 2, config.word_width, padding_idx=PAD)
        self.rnn = nn.GRU(config.word_width, config.text_width, batch_first=True, bidirectional=True)
        self.head = nn.Sequential(
            nn.Linear(4 * config.text_width, config.text_width),
            nn.ReLU(),
            nn.Linear(config.text_width, config.embedding),
        )

    def forward(self, tokens: Int[Tensor, "b n"]) -> Reading:
        """Tokens (on the CPU) are padded at the end with PAD, at most one sentence without any."""
        lengths = (tokens != PAD).sum(1)
        tokens = tokens.to(self.words.weight.device)
        known = tokens != PAD
        # Packing keeps the backward direction from reading padding, so a sentence means the same in any batch.
        packed = nn.utils.rnn.pack_padded_sequence(self.words(tokens), lengths, batch_first=True, enforce_sorted=False)
        states, ends = self.rnn(packed)
        hidden, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=tokens.shape[1])
        peaks = hidden.masked_fill(~known[:, :, None], -1.0).amax(1)
        return Reading(self.head(torch.cat([ends[0], ends[1], peaks], dim=1)), hidden, known)


class Matcher(nn.Module):
    """Reads a picture with a sentence at hand: every word looks for its places (cross-attention, Vaswani et al. 2017)
    and says how well what it finds there agrees; a sentence's evidence is the sum of its words'."""

    def __init__(self, config: JudgeConfig, patch_width: int, patches: int):
        super().__init__()
        width = config.match_width
        self.heads = config.match_heads
        self.ask = nn.Linear(2 * config.text_width, width)
        self.place = nn.Parameter(torch.zeros(patches, width))
        self.show = nn.Linear(patch_width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.compare = nn.Linear(2 * width, width)
        self.evidence = nn.Linear(width, 1)
        nn.init.zeros_(self.evidence.weight)
        nn.init.zeros_(self.evidence.bias)

    def forward(
        self, patches: Float[Tensor, "b p c"], reading: Reading, pairs: Int[Tensor, "b k"]
    ) -> Float[Tensor, "b k"]:
        """Evidence (a logit) for sentences `pairs[i]` in picture i."""
        b, k = pairs.shape
        asked = self.ask(reading.words)[pairs].flatten(1, 2)
        keys, values = self.key_value(functional.relu(self.show(patches) + self.place)).chunk(2, dim=-1)
        split = [x.unflatten(-1, (self.heads, -1)).transpose(1, 2) for x in (asked, keys, values)]
        found = functional.scaled_dot_product_attention(*split).transpose(1, 2).flatten(2)
        evidence = self.evidence(functional.relu(self.compare(torch.cat([asked, found], dim=-1))))
        return (evidence.view(b, k, -1).float() * reading.known[pairs]).sum(-1)


class Judge(nn.Module):
    """Says how well pictures and sentences agree: by the cosine of their embeddings, and by the matcher."""

    def __init__(self, config: JudgeConfig):
        super().__init__()
        self.config = config
        self.image, self.text = ImageEncoder(config), TextEncoder(config)
        self.matcher = Matcher(config, self.image.patch_width, 4 * self.image.grid**2)
        self.log_scale = nn.Parameter(torch.tensor(2.7))
        """Logarithm of the inverse temperature of the contrastive loss."""
        self.index = index_of(config.vocabulary)

    @property
    def scale(self) -> Float[Tensor, ""]:
        """The inverse temperature: what turns cosines into logits."""
        return self.log_scale.clamp(max=MAX_LOG_SCALE).exp()

    def see(self, images: Float[Tensor, "b h w 3"]) -> Sight:
        """With gradients; colours in [0, 1], sizes other than the judge's own are resized by area."""
        x = images.movedim(-1, 1)
        if x.shape[2:] != (self.config.size, self.config.size):
            x = functional.interpolate(x, (self.config.size, self.config.size), mode="area")
        return self.image(x)

    def read(self, texts: Sequence[str]) -> Reading:
        """With gradients; words that the judge does not know all count as the same unknown word."""
        return self.text(self.tokens(texts))

    def tokens(self, texts: Sequence[str]) -> Int[Tensor, "b n"]:
        """What the text encoder is given."""
        rows = [torch.tensor(tokenize(text, self.index)) for text in texts]
        return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)

    def embed(self, sight: Sight) -> Float[Tensor, "b d"]:
        """Unit vectors of what was seen."""
        return functional.normalize(self.image.head(sight.features).float(), dim=-1)

    @torch.no_grad()
    def embed_images(self, images: Float[Tensor, "b h w 3"]) -> Float[Tensor, "b d"]:
        """Unit vectors of square pictures in [0, 1]."""
        return self.embed(self.see(checked(images)))

    @torch.no_grad()
    def embed_texts(self, texts: Sequence[str]) -> Float[Tensor, "b d"]:
        """Unit vectors of sentences."""
        return functional.normalize(self.read(texts).summary, dim=-1)

    @torch.no_grad()
    def sides(self, images: Float[Tensor, "b h w 3"]) -> Int[Tensor, " b"]:
        """The sector that each picture is likeliest to be seen from; k stands for an azimuth of k / SECTORS turns."""
        return self.image.side(self.see(checked(images)).features).argmax(1)

    @torch.no_grad()
    def scores(self, views: Float[Tensor, "v h w 3"], captions: Sequence[str]) -> Float[Tensor, "v c"]:
        """How well each view agrees with each caption, as logits: their softmax over captions says which is likely."""
        sight, reading = self.see(checked(views)), self.read(captions)
        cosines = self.embed(sight) @ functional.normalize(reading.summary, dim=-1).T
        return self.scale * cosines + self.matcher(
            sight.patches, reading, torch.arange(len(captions)).expand(len(views), -1)
        )

    def score_views(self, views: Float[Tensor, "v h w 3"], captions: Sequence[str]) -> Float[Tensor, " c"]:
        """How well views of one thing agree with each caption: the mean of `scores`."""
        return self.scores(views, captions).mean(0)


def checked(images: Any) -> Float[Tensor, "b h w 3"]:
    """Pictures as a tensor; raises UserError for other shapes."""
    if images.ndim != 4 or images.shape[-1] != 3:
        raise UserError(f"images have shape {tuple(images.shape)}; the judge reads [batch, height, width, 3]")
    return torch.as_tensor(images, dtype=torch.float32)


def save_judge(judge: Judge, folder: Path) -> None:
    """Write what `load_judge` reads, in fp16."""
    save_module(judge, asdict(judge.config), folder)


def load_judge(path: str | Path | None = None) -> Judge:
    """The judge that ships with the package, or one from a folder that `save_judge` wrote; fp32, in eval mode."""
    folder = WEIGHTS if path is None else Path(path)
    for name in ("config.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise UserError(
                f"{folder} has no {name}; train a judge with: python -m t2a.eval.train_judge --data DIR --out {folder}"
            )
    judge = load_module(folder, lambda config: Judge(JudgeConfig(**config)), "the judge", "copy or train it again")
    return judge.eval().requires_grad_(False)
