# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip that Blender installs: `python blender_addon/build.py [FOLDER]` writes t2a-VERSION.zip into FOLDER.

One folder inside it, which is what Blender before 4.2 asks of an add-on; extensions may have one.
"""

import re
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LEFT_OUT = {"build.py"}


def build(folder: Path) -> Path:
    version = re.search(r'^version = "(.+)"$', (HERE / "blender_manifest.toml").read_text(encoding="utf-8"), re.M)
    target = folder / f"t2a-{version[1]}.zip"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for file in sorted(HERE.iterdir()):
            if file.is_file() and file.name not in LEFT_OUT and not file.name.startswith("."):
                package.write(file, f"t2a/{file.name}")
    return target


if __name__ == "__main__":
    print(build(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
