"""Who imports whom in static/: the rules of ARCHITECTURE.md for the page's modules."""

import re
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"
WHAT_DRAWS = {
    "activations.js",
    "arithmetic.js",
    "diagram/circuit.js",
    "diagram/diagram.js",
    "drawing.js",
    "evaluation.js",
    "figure.js",
    "geometry.js",
    "joined.js",
    "letters.js",
    "motion.js",
    "names.js",
    "notation.js",
    "number.js",
    "palette.js",
    "plot.js",
    "raster.js",
    "sentence.js",
    "terms.js",
    "vector.js",
    "words.js",
}
WHAT_IS_DRAWN = {
    "changes.js",
    "faces.js",
    "finding.js",
    "keys.js",
    "moments.js",
    "overrides.js",
    "playhead.js",
    "store.js",
    "things.js",
    "timeline.js",
    "types.js",
}

COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)
IMPORT = re.compile(
    r"""(?:^|[;}])\s*(?:import|export)\b(?:[^"';]*?\bfrom)?\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']""",
    re.MULTILINE,
)


def modules() -> list[Path]:
    """Our own modules; the browser parts in static/vendor are not ours."""
    return sorted(file for file in STATIC.rglob("*.js") if "vendor" not in file.relative_to(STATIC).parts)


def code(module: Path) -> str:
    return COMMENT.sub("", module.read_text("utf-8"))


def imports(module: Path) -> set[str]:
    """What the module imports as it runs, as paths under static/; types are imported in comments and do not count."""
    specifiers = [static or dynamic for static, dynamic in IMPORT.findall(code(module))]
    return {(module.parent / specifier).resolve().relative_to(STATIC).as_posix() for specifier in specifiers}


def test_every_import_names_a_file_that_is_served() -> None:
    missing = {(module.name, name) for module in modules() for name in imports(module) if not (STATIC / name).is_file()}
    assert missing == set()


def test_only_plot_names_plotly() -> None:
    naming = [module.name for module in modules() if re.search(r"\bPlotly\b", code(module))]
    assert naming == ["plot.js"]


def test_only_notation_imports_katex() -> None:
    importing = [module.name for module in modules() if "vendor/katex/katex.min.js" in imports(module)]
    assert importing == ["notation.js"]


def test_views_import_only_what_draws_and_what_is_to_be_drawn() -> None:
    views = [module for module in modules() if module.parent.name == "views"]
    assert views
    foreign = {
        (view.name, name)
        for view in views
        for name in imports(view) - WHAT_DRAWS - WHAT_IS_DRAWN
        if not name.startswith(("vendor/", "views/", "plots/"))
    }
    assert foreign == set()


def test_plots_are_made_of_what_they_are_given() -> None:
    plots = [module for module in modules() if module.parent.name == "plots"]
    assert plots
    state = ("store.js", "playhead.js", "socket.js", "views/", "drawing.js", "plot.js")
    assert {(plot.name, name) for plot in plots for name in imports(plot) if name.startswith(state)} == set()


def test_only_main_imports_both_the_socket_and_the_views() -> None:
    both = [
        module.name
        for module in modules()
        if "socket.js" in imports(module) and any(name.startswith("views/") for name in imports(module))
    ]
    assert both == ["main.js"]


def test_only_main_and_other_views_import_views() -> None:
    importing = {module for module in modules() if any(name.startswith("views/") for name in imports(module))}
    assert {module.name for module in importing if module.parent.name != "views"} == {"main.js"}
