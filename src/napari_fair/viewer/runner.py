"""How slow work is handed out, so that the state of the dock can be tested without Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

Done = Callable[[Any], None]
Failed = Callable[[Exception], None]


class Runner(Protocol):
    """Runs functions elsewhere and brings their answers back to the owner's thread."""

    def run(self, name: str, work: Callable[[], Any], done: Done, failed: Failed) -> None:
        """Run `work`; of works of one name only the newest one's answer is delivered."""

    def run_long(
        self, name: str, title: str, work: Callable[..., Any], done: Done, failed: Failed
    ) -> None:
        """Run ``work(progress, cancelled)``, shown with a progress bar that people can cancel."""

    def cancel(self, name: str) -> None:
        """Ask the long work of this name to stop."""

    def drop(self, *names: str) -> None:
        """No longer deliver the answers of works of these names."""

    @property
    def idle(self) -> bool:
        """Whether no answer is awaited."""


class Immediately:
    """A runner that does the work at once, where it is called: for tests and scripts."""

    def run(self, name: str, work: Callable[[], Any], done: Done, failed: Failed) -> None:
        """Run `work` now."""
        try:
            answer = work()
        except Exception as error:
            failed(error)
        else:
            done(answer)

    def run_long(
        self, name: str, title: str, work: Callable[..., Any], done: Done, failed: Failed
    ) -> None:
        """Run ``work(progress, cancelled)`` now."""
        self.run(name, lambda: work(None, None), done, failed)

    def cancel(self, name: str) -> None:
        """Do nothing: the work is over."""

    def drop(self, *names: str) -> None:
        """Do nothing: the answers are delivered."""

    @property
    def idle(self) -> bool:
        """Always true: the work is over."""
        return True
