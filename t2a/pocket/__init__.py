"""The pocket models: a toy world that captions itself, the recipes trained on it, and the weights."""

from __future__ import annotations

from pathlib import Path


def path() -> Path:
    """The folder of the latent diffusion model that ships with the package, in StableDiffusionPipeline format."""
    return Path(__file__).parent / "weights" / "diffusion"


def control_path() -> Path:
    """The folder of the ControlNet beside it, in diffusers' format: one net for depth, normals, canny edges, scribbles
    and segmentation."""
    return Path(__file__).parent / "weights" / "control"


def instruct_path() -> Path:
    """The folder of what makes of the pocket model one that edits pictures."""
    return Path(__file__).parent / "weights" / "instruct"
