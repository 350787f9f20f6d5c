"""The figures of docs/pocket.md, between its two markers, from the package's weights and what `t2a eval` has written:

python -m t2a.eval.pocket_page --docs docs --pictures pictures --full-precision pictures32 --assets retrieval \\
    --paraphrases paraphrases --named named

Folders that do not exist leave their rows out.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from t2a.eval.prompts import SHARES
from t2a.export.files import write_bytes, write_png
from t2a.pocket import path
from t2a.pocket.captions import words
from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES
from t2a.pocket.families.accessories import TOPPINGS
from t2a.pocket.families.themes import KINDS, THEMES
from t2a.pocket.patterns import MATERIALS, PATTERNS
from t2a.pocket.sheet import world_sheet
from t2a.pocket.train.card import rows_of
from t2a.pocket.world import held_out

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
CURVE = (640, 300)
"""Width and height of the plot, in pixels."""


def curve(log: Path) -> Image.Image:
    """Loss against pictures seen, both axes from the log's own range."""
    rows = rows_of(log)
    seen = np.cumsum([row["done"] * row["batch"] for row in rows])
    loss = np.array([row["loss"] for row in rows])
    low, high = loss.min() * 0.95, np.quantile(loss, 0.99) * 1.05
    width, height = CURVE
    left, right, top, bottom = 56, width - 16, 12, height - 36
    page = Image.new("RGB", CURVE, "white")
    draw = ImageDraw.Draw(page)
    x = left + (right - left) * seen / seen[-1]
    y = bottom - (bottom - top) * (loss.clip(low, high) - low) / (high - low)
    draw.rectangle((left, top, right, bottom), outline="#999999")
    draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill="#2040c0", width=2)
    for share, anchor in ((0.0, "la"), (0.5, "ma"), (1.0, "ra")):
        value = low + share * (high - low)
        draw.text((6, bottom - share * (bottom - top) - 6), f"{value:.3f}", fill="black")
        place = (left + share * (right - left), bottom + 6)
        draw.text(place, f"{seen[-1] * share:,.0f}", fill="black", anchor=anchor)
    draw.text((left + (right - left) // 2 - 40, bottom + 20), "pictures seen", fill="black")
    return page


def _summary(folder: Path | None) -> dict | None:
    """What an evaluation wrote, where there was one."""
    file = None if folder is None else folder / "summary.json"
    return json.loads(file.read_text(encoding="utf-8")) if file is not None and file.is_file() else None


def _row(name: str, folder: Path | None) -> list[str]:
    if (figures := _summary(folder)) is None:
        return []
    facing = "" if figures["facing"] is None else f"{figures['facing']:.1%} of {figures['with_sides']}"
    apart = f"{figures['distance']:.1f}" if figures.get("distance") is not None else ""
    return [
        f"| {name} | {figures['count']} | {figures['precision']:.1%} | {figures['top5']:.1%} | {facing} | {apart} |"
    ]


def _by_kind(folder: Path | None) -> list[str]:
    if (figures := _summary(folder)) is None:
        return []
    kinds = [kind for kind in SHARES if kind in figures["by_kind"]]
    return [
        "",
        "| " + " | ".join(kinds) + " |",
        "|" + "---|" * len(kinds),
        "| " + " | ".join(f"{figures['by_kind'][kind]:.0%}" for kind in kinds) + " |",
    ]


def figures(docs: Path, folders: dict[str, Path | None]) -> str:
    """The section between the markers; writes its pictures into `docs`."""
    write_png(docs / "world.png", world_sheet(24, seed=0))
    shutil.copy(path() / "samples.png", docs / "pocket_samples.png")
    write_png(docs / "pocket_training.png", np.asarray(curve(path() / "training" / "diffusion.csv")) / 255)
    table = [
        *_row("pictures, shipped fp16 weights", folders["pictures"]),
        *_row("pictures, the same weights in fp32", folders["full_precision"]),
        *_row("finished assets", folders["assets"]),
        *_row("finished assets, paraphrases", folders["paraphrases"]),
        *_row("finished assets, the named prompts", folders["named"]),
    ]
    sheets: list[str] = []
    for name in ("assets", "paraphrases", "named"):
        folder = folders[name]
        if folder is not None and (folder / "retrieval.png").is_file():
            shutil.copy(folder / "retrieval.png", docs / f"pocket_{name}.png")
            sheets += ["", f"![{name}](pocket_{name}.png)"]
    lines = [
        f"{len(FAMILIES)} families: {', '.join(FAMILIES)}.",
        "",
        "| of what | how many |",
        "|---|---|",
        f"| families, with their other names | {len(FAMILIES)}, {sum(1 + len(f.also) for f in FAMILIES.values())} |",
        f"| colours | {len(COLORS)} |",
        f"| patterns, materials | {len(PATTERNS) - 1}, {len(MATERIALS)} |",
        f"| accessories, toppings | {len(ACCESSORIES)}, {len(TOPPINGS)} |",
        f"| themes on pieces of furniture | {len(THEMES)} x {len(KINDS)} |",
        f"| words | {len(words()):,} |",
        f"| held-out pairs of an attribute and a family | {len(held_out()):,} |",
        "",
        "![the world](world.png)",
        "",
        "![training](pocket_training.png)",
        "",
        "![samples](pocket_samples.png)",
    ]
    if table:
        lines += [
            "",
            "| what the judge says of | prompts | precision | among the best five | right sides | distance x 1000 |",
            "|---|---|---|---|---|---|",
            *table,
            *_by_kind(folders["assets"] or folders["pictures"]),
            *sheets,
        ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    for name in ("pictures", "full-precision", "assets", "paraphrases", "named"):
        parser.add_argument(f"--{name}", type=Path)
    args = parser.parse_args()
    page = args.docs / "pocket.md"
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    folders = {k: v for k, v in vars(args).items() if k != "docs"}
    made = figures(args.docs, folders)
    write_bytes(page, f"{before}{BEGIN}\n{made}\n{END}{after}".encode())
    print(page)


if __name__ == "__main__":
    main()
