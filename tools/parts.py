"""Copies the browser parts that the page is served with from node_modules/ into static/vendor/.

The page loads its modules unbundled, so a part is copied as its package ships it: the modules, their type
declarations (read by tsc only) and the licence. `make parts` runs this once npm has installed the locked versions.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"

SPECIFIER = re.compile(
    r"""(?:^|[;}])\s*(?:import|export)\b(?:[^"';]*?\bfrom)?\s*["']([^"']+)["']""",
    re.MULTILINE,
)
FONT = re.compile(r"""url\(["']?([^"')]+\.woff2)["']?\)""")


@dataclass(frozen=True)
class Part:
    """What the page takes of one npm package.

    `files` pairs a glob in the package with where its matches go in `static/vendor/{folder}/`: a folder where that
    ends in "/", else a file name.
    """

    folder: str
    package: str
    files: tuple[tuple[str, str], ...]


FONT_FILES = (("index.css", "./"), ("files/*-wght-normal.woff2", "files/"))
PARTS = (
    Part(
        "lit-html",
        "lit-html",
        (
            ("lit-html.*s", "./"),
            ("*directive*.*s", "./"),
            ("directives/*.*s", "directives/"),
        ),
    ),
    Part(
        "signals-core",
        "@preact/signals-core",
        (
            ("dist/signals-core.mjs", "./"),
            ("dist/signals-core.d.ts", "signals-core.d.mts"),
        ),
    ),
    Part(
        "katex",
        "katex",
        (
            ("dist/katex.min.js", "./"),
            ("dist/katex.min.css", "./"),
            ("dist/fonts/*.woff2", "fonts/"),
            ("types/katex.d.ts", "katex.min.d.ts"),
        ),
    ),
    Part("plotly", "plotly.js-cartesian-dist-min", (("plotly-cartesian.min.js", "./"),)),
    Part("inter", "@fontsource-variable/inter", FONT_FILES),
    Part("jetbrains-mono", "@fontsource-variable/jetbrains-mono", FONT_FILES),
)


def copy(part: Part, vendor: Path) -> None:
    """Copies one part and its licence; raises FileNotFoundError where its package lacks a file that is asked for."""
    for pattern, place in (*part.files, ("LICENSE", "./")):
        sources = sorted((MODULES / part.package).glob(pattern))
        if not sources:
            raise FileNotFoundError(f"{part.package} has no file {pattern}: has its layout changed?")
        for source in sources:
            folder = vendor / part.folder
            target = folder / place / source.name if place.endswith("/") else folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def unresolved(vendor: Path) -> Iterator[str]:
    """Every import of a module and every font of a style sheet that is not a file in `vendor`, as a sentence.

    A browser has no node_modules to look a bare name up in. Of a font's formats only woff2 is served: every browser
    that loads modules reads it, and asks for no other.
    """
    # What Plotly's one-piece script holds in its strings looks like imports; it has none.
    modules = [file for suffix in ("js", "mjs") for file in vendor.rglob(f"*.{suffix}") if file.parent.name != "plotly"]
    references = [(file, path) for file in modules for path in SPECIFIER.findall(file.read_text("utf-8"))]
    for file, path in references:
        if not path.startswith(".") or not (file.parent / path).is_file():
            yield f"{file.relative_to(vendor)} imports {path}, which is not served"
    for file in vendor.rglob("*.css"):
        for path in FONT.findall(file.read_text("utf-8")):
            if not (file.parent / path).is_file():
                yield f"{file.relative_to(vendor)} asks for {path}, which is not served"


def main() -> None:
    """Makes `static/vendor/` anew, so that nothing of an older version stays; exits with 1 where a file is missing."""
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for part in PARTS:
        copy(part, fresh)
    if missing := sorted(unresolved(fresh)):
        raise SystemExit("\n".join(missing))
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


if __name__ == "__main__":
    main()
