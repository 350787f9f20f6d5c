"""The assets in samples/results: eight prompts at a game's sizes, with their reports and contact sheets.

python samples/04_gallery.py
"""

from pathlib import Path

from PIL import Image

import t2a

FOLDER = Path(__file__).parent / "results"
PROMPTS = {
    "mushroom": ("a red mushroom", 0.15),
    "chair": ("a blue chair", 0.9),
    "car": ("a yellow car", 1.5),
    "snowman": ("a snowman with a green hat", 1.7),
    "cubes": ("a small red cube on top of a large blue cube", 0.6),
    "rocking_chair": ("a rocking chair", 1.0),
    "hamburger": ("a hamburger", 0.1),
    "octopus": ("a purple octopus", 0.5),
}
"""File name: prompt, height in metres."""

for name, (prompt, height) in PROMPTS.items():
    asset = t2a.text_to_3d(prompt, seed=0, faces=4000, texture=512, height=height, offline=True)
    path = asset.save(FOLDER / f"{name}.glb")
    report = asset.report
    print(f"{path}: {sum(report['seconds'].values()):.0f} s, {report['psnr']:.1f} dB, passed: {report['passed']}")

# The first two of each asset's eight views, in one picture.
size = 256
page = Image.new("RGB", (size * len(PROMPTS), 2 * size))
for column, name in enumerate(PROMPTS):
    with Image.open(FOLDER / f"{name}.png") as sheet:
        for row in range(2):
            page.paste(sheet.crop((row * size, 0, (row + 1) * size, size)), (column * size, row * size))
page.save(FOLDER / "gallery.png")
