"""The part of the dashboard that opens and closes screens: modes, dialogs, help, jump mode and commands."""

import logging
from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from textual._context import active_message_pump
from textual.app import App, SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.events import Event, Key, Paste
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget

from unslouch.errors import UnslouchError

from .bindings import binding, nearest_help, offered_bindings
from .key_order import KeyOrder
from .modes import Mode
from .screens.mode_screen import ModeScreen
from .shared import Shared

log = logging.getLogger(__name__)

COPY_TOOLTIP = "Copy the selected text; leave where none is selected."
QUITS_AMID_INSTALLATION = (
    "The firmware is being installed. If you quit now, the board keeps what it had, and the installation has to be "
    "begun again."
)
SUSPEND_TOOLTIP = "Back to the shell; `fg` continues."


class NavigatingApp(App[UnslouchError]):
    """An app whose screens are one per mode, with dialogs above them."""

    shared: Shared
    _has_asked = False
    """Whether it was offered what can be done without a sensor, since the wearer last began to look for one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding("app", "question_mark", "help", "Help", "Explain keys and shapes.", key_display="?"),
        binding("app", "q", "quit", "Quit", "Leave; a real sensor goes on recording."),
        binding(
            "app", "ctrl+p", "command_palette", "Commands", "Find a command by its name.", show=False, priority=True
        ),
        binding("app", "ctrl+o", "jump", "Jump", "Show a letter on each part; it takes you there.", show=False),
        binding("app", "ctrl+t", "change_theme", "Theme", "Choose the colours.", show=False),
        binding("app", "ctrl+c", "copy_or_quit", "Copy", COPY_TOOLTIP, show=False, name="copy", priority=True),
        binding(
            "app", "ctrl+z", "suspend_process", "Suspend", SUSPEND_TOOLTIP, show=False, name="suspend", priority=True
        ),
    ]

    _key_order: KeyOrder | None = None

    async def on_event(self, event: Event) -> None:
        """Handle keys in the order in which they are typed; everything else at once."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._key_order is None:
            self._key_order = KeyOrder(self, super().on_event)
        await self._key_order.take(event)

    @property
    def mode_screen(self) -> ModeScreen | None:
        """The screen of the mode that is shown, which may be below a dialog; None before and after there is one."""
        shown = self.screen_stack[:1]
        return shown[0] if shown and isinstance(shown[0], ModeScreen) and shown[0].is_running else None

    def pop_screen(self) -> AwaitComplete:
        """Close the dialog on top; without effect where one that is not, or no longer, on top asks for it.

        Keys and clicks that come together may each close a dialog, or open one: then the last would close another.
        """
        asking = asking_screen()
        if len(self._screen_stack) <= 1 or (asking is not None and asking is not self.screen):
            return AwaitComplete()
        return super().pop_screen()

    def _handle_exception(self, error: Exception) -> None:
        """End with a sentence, unless a screen that is closed misses its parts: a late timer of it harms nobody."""
        asking = asking_screen()
        is_closed = asking is not None and not any(asking in stack for stack in self._screen_stacks.values())
        if is_closed and isinstance(error, NoMatches):
            log.info("A closed screen has asked for its parts.", exc_info=error)
        else:
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Textual calls this with an error that nobody caught: end with a sentence rather than a traceback.

        While it ends, a screen that is just being opened may find itself without its parts, which harms nobody.
        """
        if self._exception is not None and self._exit:
            log.warning("An error while the dashboard ended.", exc_info=self._exception)
        elif self._exception is not None:
            self.exit(UnslouchError(describe_failure(self._exception)), return_code=1)
        self._close_messages_no_wait()

    async def action_copy_or_quit(self) -> None:
        """Copy the selected text of the screen or of an input; quit where none is selected."""
        selected = self.screen.get_selected_text() or getattr(self.focused, "selected_text", "")
        if not selected and not self.screen.selections:
            await self.action_quit()
            return
        if selected:
            self.copy_to_clipboard(selected)
        self.screen.clear_selection()
        self.notify("Copied." if selected else "The selected text has changed: select it again.")

    async def action_quit(self) -> None:
        """Quit; ask before that while firmware is being installed. Who quits while that is asked, means it."""
        from unslouch.tui.screens.confirm import ConfirmScreen

        if not self.shared.is_installing or isinstance(self.screen, ConfirmScreen):
            await super().action_quit()
            return

        def answer(leaves: bool | None) -> None:
            if leaves:
                self.exit()

        self.push_screen(ConfirmScreen("Quit", QUITS_AMID_INSTALLATION, "y quits, Esc stays."), answer)

    def action_command_palette(self) -> None:
        """Find a command by its name."""
        from unslouch.tui.screens.commands import CommandScreen

        if not isinstance(self.screen, CommandScreen):
            self.push_screen(CommandScreen())

    def search_themes(self) -> None:
        """Find a theme by its name, in a palette that bears the same as that of the commands."""
        from textual.theme import ThemeProvider

        from unslouch.tui.screens.commands import CommandScreen

        if not isinstance(self.screen, CommandScreen):
            self.push_screen(CommandScreen([ThemeProvider], placeholder="Search for themes…"))

    async def action_mode(self, mode: str) -> None:
        """Show a mode; without effect where a dialog was opened just before.

        A dialog hides the keys and the bar of the modes, but a key that was pressed before may come after it.
        """
        if len(self.screen_stack) <= 1:
            await self.switch_mode(mode)

    def action_help(self) -> None:
        """Explain the focused widget, the mode, its keys and the shapes."""
        from unslouch.tui.screens.help import HelpScreen

        screen = self.screen
        mode = self.mode_screen
        texts = [nearest_help(screen.focused), screen.HELP or (mode.HELP if mode is not None else "")]
        self.push_screen(HelpScreen(list(offered_bindings(screen)), [text for text in texts if text]))

    def action_jump(self) -> None:
        """Show where the focus can go, and take it there."""
        from unslouch.tui.screens.jump import JumpScreen

        screen = self.screen

        def focus(widget: Widget | None) -> None:
            if widget is not None:
                screen.set_focus(widget)

        self.push_screen(JumpScreen(screen.focus_chain), focus)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Return the command palette's commands: all bindings that would do something now."""
        for each in offered_bindings(screen):
            if each.enabled and each.binding.action != "command_palette":
                run = partial(self._run_command, each.binding.action, each.node)
                yield SystemCommand(each.binding.description, each.binding.tooltip, run)

    async def _run_command(self, action: str, node: DOMNode) -> None:
        """Run an action of the command palette, unless its dialog has closed below the palette meanwhile."""
        screen = screen_of(node)
        if screen is None or screen in self.screen_stack:
            await self.run_action(action, node)

    def action_first_run(self) -> None:
        """Go through the first steps, which say themselves that there is no sensor."""
        from unslouch.tui.screens.first_run import FirstRunScreen

        self._has_asked = True
        self.push_screen(FirstRunScreen(self.shared))


def asking_screen() -> Screen[object] | None:
    """Return the screen whose message or timer is being handled, or that of its widget; None if it is the app's."""
    return screen_of(active_message_pump.get(None))


def screen_of(node: MessagePump | None) -> Screen[object] | None:
    """Return the screen that a node is, or is part of; None if it is the app or nothing."""
    while isinstance(node, DOMNode) and not isinstance(node, Screen):
        node = node._parent
    return node if isinstance(node, Screen) else None


def mode_binding(mode: Mode) -> Binding:
    """Return the key that shows a mode."""
    return binding("app", mode.key, f"mode('{mode.id}')", mode.title, mode.tooltip, show=False, name=f"mode-{mode.id}")


def describe_failure(error: BaseException) -> str:
    """Keep the traceback of an error that nobody foresaw, and return a sentence that names the file."""
    from unslouch.crash_log import describe_unforeseen

    log.error("The dashboard met an error that nobody foresaw.", exc_info=error)
    return describe_unforeseen(error)
