"""The files as JupyterLab shows them to a reader: the root without what the course keeps behind the scenes."""

from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from helpers.course.lab import BEHIND_THE_SCENES
from helpers.course.own_copy import COURSE


class CourseFiles(AsyncLargeFileManager):
    """All files can be opened, so every link works; in the root, only a reader's are listed.

    The course's own notebooks open as read-only: what is written belongs into the reader's own copy.
    """

    async def get(
        self,
        path: str,
        content: bool = True,
        type: str | None = None,
        format: str | None = None,
        require_hash: bool = False,
    ) -> dict[str, Any]:
        """The model of a file or folder, as Jupyter's server asks for it."""
        model = await super().get(path, content, type, format, require_hash)
        place = path.strip("/")
        if not place and content:
            model["content"] = [each for each in model["content"] if each["name"] not in BEHIND_THE_SCENES]
        if place.split("/")[0] == COURSE:
            model["writable"] = False
        return model
