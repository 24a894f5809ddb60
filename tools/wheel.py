"""The step of the build that puts the page into the wheel, so that the wheel alone can serve it."""

from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface[BuilderConfig]):
    """Carries static/, the git-ignored browser parts in it too, as server/static."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Names the files; raises FileNotFoundError where the browser parts are not there yet.

        An editable install serves the clone's own static/ and takes no copy.
        """
        if version == "editable":
            return
        if not Path(self.root, "static", "vendor").is_dir():
            raise FileNotFoundError("A wheel without static/vendor could not show the page: run `make wheel`")
        build_data["force_include"]["static"] = "server/static"
