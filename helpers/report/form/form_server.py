"""The form's server: Jupyter's own, with a few addresses under ``/form``."""

import asyncio
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

from helpers.course.lab import as_root
from helpers.refusals.packages import extra
from helpers.report.form.markup import PAGE, fragment, whole_page
from helpers.report.form.report_runs import Runs, StillRunning, folder_of
from helpers.report.form.uploads import LARGEST, keep
from helpers.report.run import REPORTS

with extra("form", "The form"):
    from jupyter_server.base.handlers import AuthenticatedFileHandler, JupyterHandler
    from jupyter_server.extension.application import ExtensionApp
    from tornado import web

OVERHEAD = 1_000_000  # bytes of a request beside its file
POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "connect", "frame")),
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)
POLICY_OF_REPORT = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


class FormHandler(JupyterHandler):
    """What the handlers here share: whatever a table holds, the browser runs nothing but the form's own script."""

    @property
    def content_security_policy(self) -> str:
        """Nothing from elsewhere."""
        return POLICY

    @property
    def runs(self) -> Runs:
        """The reports that this server makes."""
        return self.settings["form_runs"]

    def sent(self) -> dict[str, str]:
        """Name -> what the page sent."""
        return {name: self.get_body_argument(name, "", strip=False) for name in self.request.body_arguments}

    async def aside(self, work: Callable, *given: Any) -> Any:
        """What some work gives, done beside the loop: reading a large table takes its time."""
        return await asyncio.get_running_loop().run_in_executor(None, work, *given)

    async def refused(self, error: Exception) -> None:
        """Say what is wrong."""
        message = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        self.finish(fragment("refused.html", message=message))


class PageHandler(FormHandler):
    """The page, on which nothing is chosen yet."""

    @web.authenticated
    def get(self) -> None:
        """Send it."""
        self.finish(whole_page(self.xsrf_form_html(), self.base_url, LARGEST))


class TableHandler(FormHandler):
    """A file that was chosen or dropped, or the same one to be read in another way."""

    @web.authenticated
    async def post(self) -> None:
        """Keep it, and show how it was read."""
        try:
            files = self.request.files.get("file")
            name = keep(files[0]["filename"], files[0]["body"]).name if files else self.get_body_argument("table", "")
        except ValueError as error:
            await self.refused(error)
            return
        sent = {} if files else self.sent()
        self.finish(await self.aside(lambda: parts().table_part(name, sent)))


class DesignHandler(FormHandler):
    """What the columns were said to be."""

    @web.authenticated
    async def post(self) -> None:
        """Show what follows from it."""
        sent = self.sent()
        self.finish(await self.aside(lambda: parts().design_part(sent)))


class RunHandler(FormHandler):
    """A report that is made."""

    @web.authenticated
    async def post(self) -> None:
        """Start it."""
        sent = self.sent()
        try:
            run = self.runs.start(await self.aside(lambda: parts().to_run(sent)))
        except (ValueError, KeyError, FileNotFoundError, StillRunning) as error:
            await self.refused(error)
            return
        self.finish(parts().run_part(run, self.base_url))

    @web.authenticated
    async def get(self) -> None:
        """Say how far it is."""
        run = self.runs.of(self.get_query_argument("key", ""))
        if run is None:
            raise web.HTTPError(404)
        self.finish(parts().run_part(run, self.base_url))

    @web.authenticated
    async def delete(self) -> None:
        """End what runs."""
        self.runs.stop_all()
        self.finish()


class ReportFiles(AuthenticatedFileHandler):
    """Files of finished reports; a report in its frame runs nothing."""

    @property
    def content_security_policy(self) -> str:
        """No script, nothing from elsewhere."""
        return POLICY_OF_REPORT


class Archive(FormHandler):
    """Tables and figures of a report in one file."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Send them."""
        folder = folder_of(name)
        if folder is None:
            raise web.HTTPError(404)
        self.set_header("Content-Type", "application/zip")
        self.set_attachment_header(f"{name}.zip")
        self.finish(await self.aside(zipped, folder))


def zipped(folder: Path) -> bytes:
    """All files of a report, in a folder of its name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder.parent))
    return made.getvalue()


def parts() -> ModuleType:
    """The module of the page's parts: with all that analyses a table, it takes seconds to import."""
    from helpers.report.form import form_page

    return form_page


class FormApp(ExtensionApp):
    """The form as an application of Jupyter Server."""

    name = "form"
    extension_url = "/form"
    load_other_extensions = False
    serverapp_config: dict[str, Any] = {  # noqa: RUF012 (so does Jupyter Server declare it)
        "max_body_size": LARGEST + OVERHEAD,
        "root_dir": str(REPORTS.parent),
    }

    @classmethod
    def get_extension_package(cls) -> str:
        """Where Jupyter Server finds the application: it would look in the outermost package."""
        return cls.__module__

    def initialize_settings(self) -> None:
        """Hand the runs to the handlers."""
        self.settings["form_runs"] = self.runs = Runs()
        Thread(target=parts, daemon=True).start()  # while the reader looks for a file

    def initialize_handlers(self) -> None:
        """Name the addresses."""
        self.static_paths = [str(PAGE)]
        self.handlers.extend(
            [
                (r"/form", PageHandler),
                (r"/form/table", TableHandler),
                (r"/form/design", DesignHandler),
                (r"/form/run", RunHandler),
                (r"/form/files/([^/]+)\.zip", Archive),
                (r"/form/reports/(.*)", ReportFiles, {"path": str(REPORTS)}),
            ]
        )

    async def stop_extension(self) -> None:
        """End a report that is being made."""
        self.runs.stop_all()


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """What Jupyter Server asks a module for."""
    return [{"module": __name__, "app": FormApp}]


def start(given: list[str]) -> None:
    """Open the form in the browser, until its reader ends it.

    Parameters
    ----------
    given : list of str
        Further options of Jupyter Server. Whatever they say, only this computer is answered.
    """
    FormApp.launch_instance([*as_root(), *given, "--ServerApp.ip=localhost", "--ServerApp.allow_remote_access=False"])
