"""The judge: a small contrastive model of images and sentences, after CLIP (Radford et al. 2021).

It shares neither data, nor tokens, nor architecture with the generator, and is never used as guidance. Its image
encoder is a residual CNN at 96 x 96 pixels; its text encoder reads whole words with a bidirectional GRU, so that word
order counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, Int
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn
from torch.nn import functional

from t2a.errors import UserError

WEIGHTS = Path(__file__).parent.parent / "pocket" / "weights" / "judge"
PAD, UNKNOWN = 0, 1
MAX_WORDS = 32
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

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @staticmethod
    def load(path: Path) -> JudgeConfig:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
        return JudgeConfig(**values)


def tokenize(text: str, index: dict[str, int]) -> list[int]:
    """Token of each word, punctuation aside."""
    return [index.get(word, UNKNOWN) for word in re.findall(r"[a-z0-9]+", text.lower())[:MAX_WORDS]] or [UNKNOWN]


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
        # Where a colour is decides what it belongs to, so the last grid is kept rather than averaged.
        grid = config.size // 2 ** len(config.widths)
        self.squeeze = nn.Conv2d(last, 48, 1)
        self.width = 48 * grid**2 + last
        self.norm = nn.LayerNorm(self.width)
        self.head = nn.Linear(self.width, config.embedding)
        self.side = nn.Linear(self.width, SECTORS)

    def forward(self, images: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b w"]:
        """Features, which `head` turns into the embedding and `side` into logits of the sector that is seen."""
        x = self.body(images * 2 - 1)
        return self.norm(torch.cat([self.squeeze(x).flatten(1), x.mean((2, 3))], dim=1).float())


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

    def forward(self, tokens: Int[Tensor, "b n"]) -> Float[Tensor, "b d"]:
        """Tokens are padded at the end with PAD, at most one sentence without any."""
        known = tokens != PAD
        lengths = known.sum(1)
        # Packing keeps the backward direction from reading padding, so a sentence means the same in any batch.
        packed = nn.utils.rnn.pack_padded_sequence(self.words(tokens), lengths, batch_first=True, enforce_sorted=False)
        states, ends = self.rnn(packed)
        hidden, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=tokens.shape[1])
        peaks = hidden.masked_fill(~known[:, :, None], -1.0).amax(1)
        return self.head(torch.cat([ends[0], ends[1], peaks], dim=1))


class Judge(nn.Module):
    """Embeds pictures and sentences in one space, where the cosine says how well they agree."""

    def __init__(self, config: JudgeConfig):
        super().__init__()
        self.config = config
        self.image, self.text = ImageEncoder(config), TextEncoder(config)
        self.log_scale = nn.Parameter(torch.tensor(2.7))
        """Logarithm of the inverse temperature of the contrastive loss."""
        self.index = {word: i + 2 for i, word in enumerate(config.vocabulary)}

    def see(self, images: Float[Tensor, "b h w 3"]) -> Float[Tensor, "b w"]:
        """The image encoder's features, with gradients; colours in [0, 1]."""
        x = images.movedim(-1, 1)
        if x.shape[2:] != (self.config.size, self.config.size):
            x = functional.interpolate(x, (self.config.size, self.config.size), mode="area")
        return self.image(x)

    def encode_images(self, images: Float[Tensor, "b h w 3"]) -> Float[Tensor, "b d"]:
        """Unit vectors, with gradients; colours in [0, 1]."""
        return functional.normalize(self.image.head(self.see(images)).float(), dim=-1)

    def encode_texts(self, texts: Sequence[str]) -> Float[Tensor, "b d"]:
        """Unit vectors, with gradients."""
        rows = [torch.tensor(tokenize(text, self.index)) for text in texts]
        return functional.normalize(
            self.text(nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)), dim=-1
        )

    @torch.no_grad()
    def embed_images(self, images: Float[Tensor, "b h w 3"]) -> Float[Tensor, "b d"]:
        """Unit vectors of square pictures in [0, 1]; sizes other than the judge's own are resized by area."""
        if images.ndim != 4 or images.shape[-1] != 3:
            raise UserError(f"images have shape {tuple(images.shape)}; the judge reads [batch, height, width, 3]")
        return self.encode_images(torch.as_tensor(images, dtype=torch.float32))

    @torch.no_grad()
    def sides(self, images: Float[Tensor, "b h w 3"]) -> Int[Tensor, " b"]:
        """The sector that each picture is likeliest to be seen from; k stands for an azimuth of k / SECTORS turns."""
        return self.image.side(self.see(torch.as_tensor(images, dtype=torch.float32))).argmax(1)

    @torch.no_grad()
    def embed_texts(self, texts: Sequence[str]) -> Float[Tensor, "b d"]:
        """Unit vectors of sentences; words that the judge does not know all count as the same unknown word."""
        return self.encode_texts(texts)

    @torch.no_grad()
    def score_views(self, views: Float[Tensor, "v h w 3"], captions: Sequence[str]) -> Float[Tensor, " c"]:
        """Cosine of each caption with the mean of the views' embeddings, from -1 to 1."""
        mean = functional.normalize(self.embed_images(views).mean(0), dim=-1)
        return self.embed_texts(captions) @ mean


def save_judge(judge: Judge, folder: Path) -> None:
    """Write `model.safetensors` (fp16) and `config.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    judge.config.save(folder / "config.json")
    halves = {k: v.half().contiguous() for k, v in judge.state_dict().items()}
    # Written here rather than by save_file, which makes the file unreadable to other users.
    (folder / "model.safetensors").write_bytes(save(halves))


def load_judge(path: str | Path | None = None) -> Judge:
    """The judge that ships with the package, or one from a folder that `save_judge` wrote; fp32, in eval mode."""
    folder = WEIGHTS if path is None else Path(path)
    for name in ("config.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise UserError(
                f"{folder} has no {name}; train a judge with: python -m t2a.eval.train_judge --data DIR --out {folder}"
            )
    try:
        judge = Judge(JudgeConfig.load(folder / "config.json"))
        judge.load_state_dict({k: v.float() for k, v in load_file(folder / "model.safetensors").items()})
    except (OSError, ValueError, TypeError, RuntimeError, SafetensorError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"the judge in {folder} cannot be loaded: {first}; copy or train it again") from error
    return judge.eval().requires_grad_(False)
