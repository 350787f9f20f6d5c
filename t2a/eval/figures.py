"""The figures in docs/quality.md, from what `t2a eval` has written:

python -m t2a.eval.figures --retrieval retrieval --sketch sketch --control control --paint paint --edit edit --docs docs

What has not been measured anew stays as the page has it.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

HEAD = """# Quality, measured

Made by `python -m t2a.eval.figures` from the results of `t2a eval recovery`, `t2a eval retrieval`,
`t2a eval sketch`, `t2a eval control`, `t2a eval paint` and `t2a eval edit`."""


def recovery_page(folder: Path, docs: Path) -> str:
    """Known shapes from an analytic denoiser."""
    figures = json.loads((folder / "recovery.json").read_text(encoding="utf-8"))
    shutil.copy(folder / "recovery.png", docs / "recovery.png")
    rows = [f"| {name} | {r['iou']:.3f} | {r['psnr']:.1f} |" for name, r in figures["shapes"].items()]
    limits = figures["limits"]
    return "\n".join(
        [
            "## Recovery",
            "",
            "The prior is a closed-form Gaussian around the renders of a known shape: what is missing is the engine's",
            "fault. Views between those of the training; the truth above, the recovered field below.",
            "",
            f"| shape | silhouette IoU (at least {limits['iou']}) | PSNR, dB (at least {limits['psnr']:g}) |",
            "|---|---|---|",
            *rows,
            "",
            "![recovery](recovery.png)",
        ]
    )


def retrieval_page(folder: Path, docs: Path) -> str:
    """Finished meshes of held-out prompts before the judge."""
    figures = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    reports = [json.loads(f.read_text(encoding="utf-8")) for f in sorted((folder / "assets").glob("*.json"))]
    shutil.copy(folder / "retrieval.png", docs / "retrieval.png")
    seconds = sorted(sum(r["seconds"].values()) for r in reports)
    middle = seconds[len(seconds) // 2]
    psnr = sorted(r["psnr"] for r in reports)
    memory = max(r["peak_memory_mib"] or 0 for r in reports)
    kinds = ", ".join(f"{kind} {value:.0%}" for kind, value in figures["by_kind"].items())
    judge = figures["judge"]
    return "\n".join(
        [
            "## Retrieval",
            "",
            f"The whole pipeline, prompt to mesh, on {figures['count']} held-out prompts, one seed each. The judge",
            "chooses the caption among 61, hard ones among them (the same family in another colour, the same colour on",
            "another family, the relation reversed).",
            "",
            "| figure | value |",
            "|---|---|",
            f"| precision | {figures['precision']:.1%} ({kinds}) |",
            f"| among the best five | {figures['top5']:.1%} |",
            f"| chance | {figures['chance']:.1%} |",
            f"| the judge on true renders, {judge['count']} held-out scenes | {judge['top1']:.1%} |",
            f"| seconds an asset, {figures['jobs']} side by side, median and worst | {middle:.0f}, {seconds[-1]:.0f} |",
            f"| peak memory of a process over the whole batch, MiB | {memory:.0f} |",
            f"| PSNR of mesh against field, median and worst, dB | {psnr[len(psnr) // 2]:.1f}, {psnr[0]:.1f} |",
            f"| reports passed | {sum(r['passed'] for r in reports)} of {len(reports)} |",
            "",
            "![retrieval](retrieval.png)",
        ]
    )


def sketch_page(folder: Path, docs: Path) -> str:
    """Rough shapes, followed at several strictnesses."""
    figures = json.loads((folder / "sketch.json").read_text(encoding="utf-8"))
    shutil.copy(folder / "sketch.png", docs / "sketches.png")
    guides = len({r["guide"] for r in figures["results"]})
    lines = figures["summary"]
    rows = [f"| {line['strictness']:g} | {line['iou']:.3f} | {line['precision']:.0%} |" for line in lines]
    return "\n".join(
        [
            "## Sketches",
            "",
            f"Of {guides} rough shapes (`t2a/eval/guides/`) that no model was trained on: how far silhouettes of the",
            "finished mesh agree with the guide's, and how often the judge chooses the caption among 61.",
            "",
            "| strictness | silhouette IoU | captions right |",
            "|---|---|---|",
            *rows,
            "",
            "A row for each guide, four views at each strictness, from free to strict:",
            "",
            "![sketches](sketches.png)",
        ]
    )


def control_page(folder: Path, docs: Path) -> str:
    """Pictures steered by maps."""
    figures = json.loads((folder / "control.json").read_text(encoding="utf-8"))
    shutil.copy(folder / "control.png", docs / "control.png")
    scenes = len({r["caption"] for r in figures["results"]})

    def better(line: dict[str, float]) -> str:
        """How much of what is off by more than in true pictures is mended."""
        left = line["steered"] - line["true"]
        return "all" if left <= 0 else f"{1 - left / (line['free'] - line['true']):.0%}"

    rows = [
        f"| {kind} | {line['free']:.3f} | {line['steered']:.3f} | {line['true']:.3f} | {better(line)} |"
        for kind, line in figures["summary"].items()
    ]
    return "\n".join(
        [
            "## Control",
            "",
            f"The true maps of {scenes} held-out scenes steer what the prior draws of their captions, four views at",
            "once, from the same noise as without a map. How far what is seen disagrees with the map, 0 being not at",
            "all: depth and normals as the prior's depth head reads them off the pictures, mean difference of maps;",
            "lines by one minus their F-score within two pixels (canny's of the picture itself, colours and all);",
            "segmentation by the share of the colours' variance that lies within the given parts.",
            "",
            "| map | without | with it | true pictures | of the gap to true pictures, closed |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "The truth, what is drawn without a map, then each map and what is drawn with it:",
            "",
            "![control](control.png)",
        ]
    )


def paint_page(folder: Path, docs: Path) -> str:
    """Bare meshes of held-out scenes, painted."""
    figures = json.loads((folder / "paint.json").read_text(encoding="utf-8"))
    shutil.copy(folder / "paint.png", docs / "paint.png")
    told, results = figures["summary"], figures["results"]
    wrong = ", ".join(r["caption"] for r in results if r["rank"] > 1) or "none"
    return "\n".join(
        [
            "## Paint",
            "",
            f"The true shapes of {told['count']} held-out scenes, without colours and UVs, each painted as its caption",
            "says. The judge chooses the caption among 61.",
            "",
            "| figure | value |",
            "|---|---|",
            f"| captions right | {told['precision']:.0%} |",
            f"| mistaken | {wrong} |",
            f"| every corner of every triangle where it was, bit by bit | {told['same_shape']:.0%} |",
            f"| jump of colour across seams, in terms of that inside charts (at least 1/255) | {told['seams']:.2f} |",
            f"| PSNR of the textured mesh against the paint, mean, dB | {told['psnr']:.1f} |",
            f"| seconds, median | {told['seconds']:.0f} |",
            "",
            "![painted](paint.png)",
        ]
    )


def edit_page(folder: Path, docs: Path) -> str:
    """Objects and instructions whose outcomes are known."""
    figures = json.loads((folder / "edit.json").read_text(encoding="utf-8"))
    shutil.copy(folder / "edit.png", docs / "edit.png")
    for study in ("knobs", "chain"):  # docs/edit.md shows them
        if (folder / f"{study}.png").exists():
            shutil.copy(folder / f"{study}.png", docs / f"edit_{study}.png")
    told, results = figures["summary"], figures["results"]
    wrong = "; ".join(f"{r['source']}: {r['instruction']}" for r in results if r["rank"] > 1) or "none"
    rows = [
        f"| {kind} | {sum(r['rank'] == 1 for r in same)} of {len(same)} |"
        for kind in dict.fromkeys(r["kind"] for r in results)
        for same in [[r for r in results if r["kind"] == kind]]
    ]
    return "\n".join(
        [
            "## Edits",
            "",
            f"{told['count']} objects of the world, each with an instruction whose outcome no training has seen, by",
            "the preset's own options. The judge chooses the outcome's caption among 61.",
            "",
            "| figure | value |",
            "|---|---|",
            f"| captions right | {told['precision']:.1%} |",
            f"| changed anything | {told['changed']:.1%} |",
            f"| directional similarity in the judge's features | {told['direction']:.2f} |",
            f"| PSNR where nothing is to change, against the object's views, median, dB | {told['psnr']:.1f} |",
            f"| of them at least 28 dB | {told['psnr_at_least_28']:.0%} |",
            f"| silhouette IoU of instructions about colours | {told['silhouette_iou']:.3f} |",
            f"| of these every corner of every triangle where it was, bit by bit | {told['keeps_shape']:.0%} |",
            f"| seconds, median | {told['seconds']:.0f} |",
            "",
            "| kind of instruction | captions right |",
            "|---|---|",
            *rows,
            "",
            f"Mistaken: {wrong}.",
            "",
            "The object, what became of it, and the truth:",
            "",
            "![edited](edit.png)",
        ]
    )


PAGES = {
    "recovery": ("recovery.json", recovery_page),
    "retrieval": ("summary.json", retrieval_page),
    "sketch": ("sketch.json", sketch_page),
    "control": ("control.json", control_page),
    "paint": ("paint.json", paint_page),
    "edit": ("edit.json", edit_page),
}
"""Of each evaluation the file that says it is there, and what makes its section."""


def sections(page: str) -> dict[str, str]:
    """The page's sections by their headings."""
    parts = ("\n" + page).split("\n## ")[1:]
    return {part.splitlines()[0]: f"## {part}".strip() for part in parts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in PAGES:
        parser.add_argument(f"--{name}", type=Path, default=Path(name))
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    args = parser.parse_args()
    target = args.docs / "quality.md"
    known = sections(target.read_text(encoding="utf-8")) if target.exists() else {}
    for name, (file, page) in PAGES.items():
        folder = getattr(args, name)
        if (folder / file).exists():
            known |= sections(page(folder, args.docs))
    target.write_text("\n\n".join([HEAD, *known.values()]) + "\n", encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
