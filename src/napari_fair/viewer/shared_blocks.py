"""The named blocks that the image shown uses, without Qt: choosing, naming, copying, pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from napari_fair.model import Block, KeyValue
    from napari_fair.session.blocks import BlockUse
    from napari_fair.session.record_changes import RecordChange
    from napari_fair.viewer.state import AnnotationModel


class SharedBlocks:
    """What the image shown shares with others.

    All methods that change something raise `napari_fair.session.InvalidValue`, and change
    nothing, when it cannot be done.
    """

    def __init__(self, model: AnnotationModel) -> None:
        self._model = model

    def _do(self, change: RecordChange) -> None:
        from napari_fair.session.record_changes import do

        if self._model.session is not None:
            do(self._model.session, change)

    # what there is

    def all(self, kind: str) -> list[BlockUse]:
        """Return all blocks of a kind, with the number of images that use each."""
        from napari_fair.session.blocks import uses_of

        session = self._model.session
        return uses_of(session.dataset, kind) if session is not None else []

    def used(self, kind: str) -> Block | None:
        """Return the block that the image shown uses."""
        from napari_fair.session.blocks import block_used

        session = self._model.session
        return block_used(session.dataset, kind, self._model.image_id) if session else None

    def images(self) -> int:
        """Return how many images the record has."""
        from napari_fair.session.blocks import image_count

        session = self._model.session
        return image_count(session.dataset) if session is not None else 0

    def unused(self, kind: str) -> list[BlockUse]:
        """Return the blocks that can be taken away."""
        from napari_fair.session.blocks import removable

        session = self._model.session
        if session is None:
            return []
        return [use for use in self.all(kind) if removable(session.dataset, kind, use.id)]

    def free_label(self, kind: str, label: str) -> str:
        """Return a name that no block of the kind has, as near to `label` as can be."""
        from napari_fair.session.blocks import free_label

        session = self._model.session
        return free_label(session.dataset, kind, label) if session is not None else label

    def problem(self, kind: str, label: str, id: str = "") -> str:
        """Return why a block cannot be called so; empty when it can."""
        from napari_fair.session import InvalidValue
        from napari_fair.session.blocks import checked_label

        if self._model.session is None:
            return ""
        try:
            checked_label(self._model.session.dataset, kind, label, id)
        except InvalidValue as problem:
            return str(problem)
        return ""

    # choosing

    def use(self, kind: str, id: str) -> None:
        """Let the image shown use a block."""
        from napari_fair.session.record_changes import UseBlock

        image = self._model.image_id
        self._do(UseBlock(kind=kind, id=id, image=image or "", everywhere=image is None))

    def use_in_file(self, kind: str, id: str) -> None:
        """Let all images of the file shown use a block."""
        from napari_fair.session.record_changes import UseBlock

        if self._model.source is not None:
            self._do(UseBlock(kind=kind, id=id, source=self._model.source.id))

    def use_everywhere(self, kind: str, id: str) -> None:
        """Let all images use a block."""
        from napari_fair.session.record_changes import UseBlock

        self._do(UseBlock(kind=kind, id=id, everywhere=True))

    def add(self, kind: str, label: str, copied: str = "") -> None:
        """Make a block, empty or like another one, and let the image shown use it."""
        from napari_fair.session.record_changes import AddBlock

        image = self._model.image_id
        scope = {"image": image or "", "everywhere": image is None}
        self._do(AddBlock(kind=kind, id=str(uuid4()), label=label, copied=copied, **scope))

    def rename(self, kind: str, id: str, label: str) -> None:
        """Call a block otherwise."""
        from napari_fair.session.record_changes import RenameBlock

        self._do(RenameBlock(kind=kind, id=id, label=label))

    def remove(self, kind: str, id: str) -> None:
        """Take away a block that no image uses."""
        from napari_fair.session.record_changes import RemoveBlock

        self._do(RemoveBlock(kind=kind, id=id))

    # free pairs

    def pairs(self, kind: str) -> tuple[KeyValue, ...]:
        """Return the free key-value pairs of the image shown, or of the block that it uses."""
        if kind == "image":
            return self._model.image.pairs if self._model.image is not None else ()
        block = self.used(kind)
        return block.pairs if block is not None else ()

    def set_pairs(self, kind: str, pairs: Sequence[KeyValue]) -> None:
        """Give the image shown, or the block that it uses, its free pairs.

        What was read off the file name is no longer marked so once a person changed it.
        """
        from napari_fair.session.image_pairs import confirmed
        from napari_fair.session.record_changes import SetPairs

        self._do(
            SetPairs(
                kind=kind, pairs=confirmed(self.pairs(kind), pairs), of=self._model.image_id or ""
            )
        )
