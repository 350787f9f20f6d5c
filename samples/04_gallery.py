"""The assets in samples/results: five prompts at a game's sizes, with their reports and contact sheets.

python samples/04_gallery.py
"""

from pathlib import Path

import t2a

FOLDER = Path(__file__).parent / "results"
PROMPTS = {
    "mushroom": ("a red mushroom", 0.15),
    "chair": ("a blue chair", 0.9),
    "car": ("a yellow car", 1.5),
    "snowman": ("a snowman with a green hat", 1.7),
    "cubes": ("a small red cube on top of a large blue cube", 0.6),
}
"""File name: prompt, height in metres."""

for name, (prompt, height) in PROMPTS.items():
    asset = t2a.text_to_3d(prompt, seed=0, faces=4000, texture=512, height=height, offline=True)
    path = asset.save(FOLDER / f"{name}.glb")
    report = asset.report
    print(f"{path}: {sum(report['seconds'].values()):.0f} s, {report['psnr']:.1f} dB, passed: {report['passed']}")
