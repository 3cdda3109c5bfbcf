"""What people are told about a file's header: each thing once, however many images share it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_SENTENCES = 200
_NAMED_IMAGES = 3
_IMAGE_NUMBER = re.compile(r"\bImage\[\d+\]")


@dataclass
class Warnings:
    """Sentences for people, not more than a person would read; and whether there is damage."""

    damaged: bool = False
    left_out: int = 0
    _images: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def add(self, sentence: str) -> None:
        """Keep a sentence about the whole source."""
        self._keep((_printable(sentence), ""))

    def damage(self, sentence: str) -> None:
        """Mark the source as damaged and say why."""
        self.damaged = True
        self.add(sentence)

    def about(self, image: int, fault: str, end: str) -> None:
        """Keep a fault of one image (from 0); images with the same fault share a sentence."""
        key = (_printable(_IMAGE_NUMBER.sub("Image", fault)), _printable(end))
        images = self._keep(key)
        if images is not None and image not in images[-1:]:
            images.append(image)

    def all(self, total: int) -> tuple[str, ...]:
        """Return the sentences; `total` images are in the source."""
        said = [
            f"{fault}{_which(images) if total > 1 else ''}{end}"
            for (fault, end), images in self._images.items()
        ]
        if self.left_out:
            said.append(f"There are {self.left_out} more problems of this kind.")
        return tuple(said)

    def _keep(self, key: tuple[str, str]) -> list[int] | None:
        if key not in self._images and len(self._images) >= MAX_SENTENCES:
            self.left_out += 1
            return None
        return self._images.setdefault(key, [])


def _which(images: list[int]) -> str:
    if not images:
        return ""
    shown = ", ".join(str(image + 1) for image in images[:_NAMED_IMAGES])
    more = len(images) - _NAMED_IMAGES
    rest = f" and {more} more" if more > 0 else ""
    return f" (image{'s' if len(images) > 1 else ''} {shown}{rest})"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
