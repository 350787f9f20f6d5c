"""A game pipeline's batch: several prompts and seeds, a triangle budget, only assets whose report passes.

python samples/03_batch.py
"""

from pathlib import Path

import t2a

PROMPTS = {"mug": "a green mug", "car": "a yellow car", "snowman": "a snowman with a green hat"}
FOLDER = Path("batch")

for name, prompt in PROMPTS.items():
    for seed in range(3):
        asset = t2a.text_to_3d(prompt, seed=seed, faces=2000, texture=512, height=0.5)
        if asset.report["passed"]:
            print(asset.save(FOLDER / f"{name}.glb"))
            break
        print(f"{name}, seed {seed}:", *(failure["check"] for failure in asset.report["failed"]))
