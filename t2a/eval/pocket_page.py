"""The figures of docs/pocket.md, between its two markers, from the package's weights and what `t2a eval` has written:

python -m t2a.eval.pocket_page --docs docs --pictures pictures --full-precision pictures32 --points points \\
    --assets retrieval --paraphrases paraphrases --named named

docs/pocket_figures.json keeps what the page needs of each; what is not given stays as it is there.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from t2a.errors import UserError
from t2a.eval.prompts import SHARES
from t2a.export.files import write_bytes, write_json, write_png
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
KEPT = "pocket_figures.json"
ROWS = {
    "pictures": "pictures, shipped fp16 weights",
    "full_precision": "pictures, the same weights in fp32",
    "points": "clouds (`t2a points`)",
    "assets": "finished assets",
    "paraphrases": "finished assets, paraphrases",
    "named": "finished assets, the named prompts",
}
"""What can be evaluated, and how its row begins."""
SHEETS = {
    "assets": "retrieval.png",  # which docs/quality.md shows as well
    "points": "pocket_points.png",
    "paraphrases": "pocket_paraphrases.png",
    "named": "pocket_named.png",
}
COLUMNS = ("count", "precision", "top5", "facing", "with_sides", "distance", "by_kind", "shapes")
"""Of a summary that the page needs."""
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


def summaries(docs: Path, folders: dict[str, Path]) -> dict[str, dict]:
    """Those that were kept, and those that the given folders have; all are kept then. Raises UserError for a folder
    without one."""
    file = docs / KEPT
    kept = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    for name, folder in folders.items():
        if not (folder / "summary.json").is_file():
            raise UserError(f"{folder} has no summary.json; give a folder that t2a eval has written")
        given = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        kept[name] = {column: given.get(column) for column in COLUMNS}
        if name in SHEETS:
            shutil.copy(folder / "retrieval.png", docs / SHEETS[name])
    write_json(file, kept)
    return kept


def _row(name: str, figures: dict) -> str:
    facing = "" if figures["facing"] is None else f"{figures['facing']:.1%} of {figures['with_sides']}"
    apart = "" if figures["distance"] is None else f"{figures['distance']:.1f}"
    return f"| {name} | {figures['count']} | {figures['precision']:.1%} | {figures['top5']:.1%} | {facing} | {apart} |"


def _by_kind(kept: dict[str, dict]) -> list[str]:
    """A row for each set that has all kinds."""
    full = {name: figures for name, figures in kept.items() if set(figures["by_kind"]) == set(SHARES)}
    rows = [
        f"| {ROWS[name]} | " + " | ".join(f"{full[name]['by_kind'][kind]:.0%}" for kind in SHARES) + " |"
        for name in ROWS
        if name in full
    ]
    return ["", "| | " + " | ".join(SHARES) + " |", "|" + "---|" * (len(SHARES) + 1), *rows] if rows else []


def _shapes(kept: dict[str, dict]) -> list[str]:
    """What the classifier of shapes says of the clouds."""
    told = kept.get("points", {}).get("shapes")
    if told is None:
        return []
    rows = (("clouds (`t2a points`)", ""), ("true clouds of other such scenes", "true_"))
    return [
        "",
        f"| {told['clouds']} single objects | P-FID | P-IS | family named right |",
        "|---|---|---|---|",
        *(
            f"| {name} | {told[of + 'p_fid']:.2f} | {told[of + 'p_is']:.1f} | {told[of + 'named']:.0%} |"
            for name, of in rows
        ),
    ]


def figures(docs: Path, folders: dict[str, Path]) -> str:
    """The section between the markers; writes its pictures into `docs`."""
    write_png(docs / "world.png", world_sheet(24, seed=0))
    shutil.copy(path() / "samples.png", docs / "pocket_samples.png")
    write_png(docs / "pocket_training.png", np.asarray(curve(path() / "training" / "diffusion.csv")) / 255)
    kept = summaries(docs, folders)
    table = [_row(ROWS[name], kept[name]) for name in ROWS if name in kept]
    shown = [name for name in SHEETS if name in kept and (docs / SHEETS[name]).is_file()]
    sheets = [line for name in shown for line in ("", f"{ROWS[name]}:", "", f"![{name}]({SHEETS[name]})")]
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
            *_by_kind(kept),
            *_shapes(kept),
            *sheets,
        ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    for name in ROWS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path)
    args = parser.parse_args()
    page = args.docs / "pocket.md"
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    folders = {name: folder for name, folder in vars(args).items() if name in ROWS and folder is not None}
    made = figures(args.docs, folders)
    write_bytes(page, f"{before}{BEGIN}\n{made}\n{END}{after}".encode())
    print(page)


if __name__ == "__main__":
    main()
