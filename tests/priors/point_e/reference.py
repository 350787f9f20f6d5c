"""Point-E's networks once more, in numpy alone, from the state dict: what the published code computes, without any of
the code under test."""

import numpy as np
import torch
from scipy.special import erf


def randomize(model, seed=0):
    """Weights of a trained network's size, none of them zero (the last layer starts as zeros)."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=generator)
            is_norm = p.dim() == 1 and name.endswith("weight")
            p.copy_(noise / p.shape[1] ** 0.5 if p.dim() == 2 else 0.1 * noise + is_norm)
    return model


class Reference:
    def __init__(self, model, dtype=np.float64):
        self.state = {name: value.numpy().astype(dtype) for name, value in model.state_dict().items()}
        self.dtype = dtype

    def linear(self, x, name):
        return x @ self.state[f"{name}.weight"].T + self.state[f"{name}.bias"]

    def norm(self, x, name):
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + self.dtype(1e-5))
        return scaled * self.state[f"{name}.weight"] + self.state[f"{name}.bias"]

    def mlp(self, x, name):
        h = self.linear(x, f"{name}.c_fc")
        return self.linear(h * (1 + erf(h / self.dtype(2**0.5))) / 2, f"{name}.c_proj")

    def attention(self, q, k, v):
        """Each [b, n, h, d]; q and k are scaled by d^-1/4 each, as published."""
        scale = self.dtype(q.shape[-1] ** -0.25)
        logits = np.einsum("bthc,bshc->bhts", q * scale, k * scale, optimize=True)
        weights = np.exp(logits - logits.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        return np.einsum("bhts,bshc->bthc", weights, v, optimize=True).reshape(*q.shape[:2], -1)

    def blocks(self, x, name, layers, heads):
        for i in range(layers):
            at = f"{name}.resblocks.{i}"
            packed = self.linear(self.norm(x, f"{at}.ln_1"), f"{at}.attn.c_qkv")
            packed = packed.reshape(*x.shape[:2], heads, -1)
            d = packed.shape[-1] // 3
            mixed = self.attention(packed[..., :d], packed[..., d : 2 * d], packed[..., 2 * d :])
            x = x + self.linear(mixed, f"{at}.attn.c_proj")
            x = x + self.mlp(self.norm(x, f"{at}.ln_2"), f"{at}.mlp")
        return x

    def time(self, t):
        width = self.state["ln_pre.weight"].shape[0]
        frequencies = 10000.0 ** (-np.arange(width // 2) / (width // 2))
        angles = t[:, None] * frequencies
        return self.mlp(np.concatenate([np.cos(angles), np.sin(angles)], 1).astype(self.dtype), "time_embed")

    def denoise(self, x, tokens, layers, heads):
        points = self.linear(x.transpose(0, 2, 1), "input_proj")
        h = np.concatenate([*tokens, points], axis=1)
        h = self.norm(self.blocks(self.norm(h, "ln_pre"), "backbone", layers, heads), "ln_post")
        return self.linear(h, "output_proj")[:, -x.shape[2] :].transpose(0, 2, 1)

    def unconditional(self, x, t, layers, heads):
        return self.denoise(x, [self.time(t)[:, None]], layers, heads)

    def vector(self, x, t, clip, layers, heads):
        token = self.linear(clip * self.dtype(clip.shape[1] ** 0.5), "clip_embed")
        return self.denoise(x, [token[:, None], self.time(t)[:, None]], layers, heads)

    def patches(self, clip):
        return self.linear(self.norm(clip.transpose(0, 2, 1), "clip_embed.0"), "clip_embed.1")

    def grid(self, x, t, clip, layers, heads):
        return self.denoise(x, [self.time(t)[:, None], self.patches(clip)], layers, heads)

    def upsample(self, x, t, clip, low_res, layers, heads):
        points = low_res.transpose(0, 2, 1) * [2, 2, 2, 0.00784314, 0.00784314, 0.00784314] + [0, 0, 0, -1, -1, -1]
        tokens = [self.time(t)[:, None], self.patches(clip), self.linear(points, "cond_point_proj")]
        return self.denoise(x, tokens, layers, heads)

    def sdf(self, queries, points, config):
        data = self.linear(points.transpose(0, 2, 1), "encoder_input_proj")
        data = self.blocks(data, "encoder", config.encoder_layers, config.encoder_heads)
        x = self.linear(queries.transpose(0, 2, 1), "decoder_input_proj")
        for i in range(config.decoder_layers):
            at = f"decoder.resblocks.{i}"
            q = self.linear(self.norm(x, f"{at}.ln_1"), f"{at}.attn.c_q")
            kv = self.linear(self.norm(data, f"{at}.ln_2"), f"{at}.attn.c_kv")
            q, kv = (a.reshape(*a.shape[:2], config.decoder_heads, -1) for a in (q, kv))
            d = q.shape[-1]
            x = x + self.linear(self.attention(q, kv[..., :d], kv[..., d:]), f"{at}.attn.c_proj")
            x = x + self.mlp(self.norm(x, f"{at}.ln_3"), f"{at}.mlp")
        return self.linear(self.norm(x, "ln_post"), "output_proj")[..., 0]
