"""Exporting days into a file of the wearer's choice, for every mode that shows recorded days."""

from datetime import date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from .mode_screen import ModeScreen

if TYPE_CHECKING:
    from .export import ExportOrder


class ExportsDays(ModeScreen):
    """Asks for format and file, and writes."""

    def ask_export(self, title: str, first: date, last: date, tz: tzinfo, is_simulated: bool) -> None:
        """Ask for format, table and file of one day or a range, and write it."""
        from unslouch.export.writer import DEMO_WEARER, OWN_WEARER, Contents

        from .export import ExportScreen

        wearer = DEMO_WEARER if is_simulated else OWN_WEARER
        contents = Contents(first, last, tz, is_range=first != last, simulated=is_simulated, wearer=wearer)

        def answer(order: "ExportOrder | None") -> None:
            if order is not None:
                self.run_command(self._export, order)

        self.app.push_screen(ExportScreen(title, contents, _folder()), answer)

    async def _export(self, order: "ExportOrder") -> str:
        from unslouch.export.export_log import export_to_file

        if order.contents.is_range:
            self.notify(f"Writing {order.path} …", markup=False)
        await self.shared.feed.flush()
        written = await self.shared.read_history(
            lambda history: export_to_file(history, order.contents, order.format, order.path)
        )
        days = f" {written.days} recorded days." if order.contents.is_range else ""
        manifest = f" Its hash and summary are in {written.manifest}." if written.manifest else ""
        return f"Wrote {written.path}.{days}{manifest}"


def _folder() -> Path:
    """Return the working directory, or the wearer's own folder where it was removed while the dashboard ran."""
    try:
        return Path.cwd()
    except OSError:
        return Path.home()
