"""The transformer that all Point-E models share: pre-LN blocks over a set, without positional encoding.

Parameter names are the published ones, so that official checkpoints load as they are.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn
from torch.nn import functional as F


def timestep_embedding(t: Shaped[Tensor, " b"], width: int, max_period: float = 10000.0) -> Float[Tensor, "b {width}"]:
    """Cosines, then sines, of t times frequencies that fall geometrically from 1 to 1 / max_period (Vaswani et al.
    2017, section 3.5, with the halves not interleaved). `width` must be even."""
    half = width // 2
    frequencies = torch.exp(-math.log(max_period) * torch.arange(half, device=t.device, dtype=torch.float32) / half)
    angles = t[:, None].float() * frequencies
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


def linear(inputs: int, outputs: int, std: float) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.normal_(layer.weight, std=std)
    nn.init.zeros_(layer.bias)
    return layer


def attend(
    q: Float[Tensor, "b n h d"], k: Float[Tensor, "b m h d"], v: Float[Tensor, "b m h d"]
) -> Float[Tensor, "b n h*d"]:
    """softmax(q k^T / sqrt(d)) v per head.

    The published code scales q and k by d^-1/4 each, which is the same but for rounding (it matters in half precision,
    where torch's kernel accumulates in fp32 anyway).
    """
    mixed = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2))
    return mixed.transpose(1, 2).flatten(2)


class SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int, std: float):
        super().__init__()
        self.heads = heads
        self.c_qkv = linear(width, 3 * width, std)
        self.c_proj = linear(width, width, std)

    def forward(self, x: Float[Tensor, "b n w"]) -> Float[Tensor, "b n w"]:
        # q, k and v lie side by side within each head, not in three blocks of all heads.
        q, k, v = self.c_qkv(x).unflatten(-1, (self.heads, -1)).chunk(3, dim=-1)
        return self.c_proj(attend(q, k, v))


class CrossAttention(nn.Module):
    def __init__(self, width: int, heads: int, std: float):
        super().__init__()
        self.heads = heads
        self.c_q = linear(width, width, std)
        self.c_kv = linear(width, 2 * width, std)
        self.c_proj = linear(width, width, std)

    def forward(self, x: Float[Tensor, "b n w"], data: Float[Tensor, "b m w"]) -> Float[Tensor, "b n w"]:
        q = self.c_q(x).unflatten(-1, (self.heads, -1))
        k, v = self.c_kv(data).unflatten(-1, (self.heads, -1)).chunk(2, dim=-1)
        return self.c_proj(attend(q, k, v))


class MLP(nn.Module):
    def __init__(self, width: int, std: float):
        super().__init__()
        self.c_fc = linear(width, 4 * width, std)
        self.c_proj = linear(4 * width, width, std)

    def forward(self, x: Float[Tensor, "*b w"]) -> Float[Tensor, "*b w"]:
        return self.c_proj(F.gelu(self.c_fc(x)))


class Block(nn.Module):
    def __init__(self, width: int, heads: int, std: float):
        super().__init__()
        self.attn = SelfAttention(width, heads, std)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = MLP(width, std)
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x: Float[Tensor, "b n w"]) -> Float[Tensor, "b n w"]:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class CrossBlock(nn.Module):
    """A block whose queries see only the data, never each other."""

    def __init__(self, width: int, heads: int, std: float):
        super().__init__()
        self.attn = CrossAttention(width, heads, std)
        self.ln_1 = nn.LayerNorm(width)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = MLP(width, std)
        self.ln_3 = nn.LayerNorm(width)

    def forward(self, x: Float[Tensor, "b n w"], data: Float[Tensor, "b m w"]) -> Float[Tensor, "b n w"]:
        x = x + self.attn(self.ln_1(x), self.ln_2(data))
        return x + self.mlp(self.ln_3(x))


class Transformer(nn.Module):
    def __init__(self, width: int, layers: int, heads: int, std: float):
        super().__init__()
        self.resblocks = nn.ModuleList(Block(width, heads, std) for _ in range(layers))

    def forward(self, x: Float[Tensor, "b n w"]) -> Float[Tensor, "b n w"]:
        for block in self.resblocks:
            x = block(x)
        return x


class CrossTransformer(nn.Module):
    def __init__(self, width: int, layers: int, heads: int, std: float):
        super().__init__()
        self.resblocks = nn.ModuleList(CrossBlock(width, heads, std) for _ in range(layers))

    def forward(self, x: Float[Tensor, "b n w"], data: Float[Tensor, "b m w"]) -> Float[Tensor, "b n w"]:
        for block in self.resblocks:
            x = block(x, data)
        return x
