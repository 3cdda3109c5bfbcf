"""REMBI module Study: what the images were made for, by whom, and how they may be used."""

from __future__ import annotations

from napari_fair.model.fields import (
    Block,
    IsoDate,
    Level,
    LongText,
    OneOrganization,
    OneTerm,
    People,
    Text,
    Texts,
    declare,
)
from napari_fair.model.origin import Recorded


class Study(Block):
    """The study that the images of a folder belong to (RO-Crate root)."""

    title: Recorded[Text] | None = declare(
        "Title",
        level=Level.ESSENTIALS,
        why="It is the first thing others read, and what archives list and search.",
        example="Mitotic spindle length in HeLa cells after drug A",
        rembi="Study.title",
        crate="name",
    )
    description: Recorded[LongText] | None = declare(
        "Description",
        level=Level.ESSENTIALS,
        why="So that somebody outside your lab understands what was asked and what is shown.",
        example="Time-lapse of dividing HeLa cells, treated or not, to measure spindle length.",
        rembi="Study.description",
        crate="description",
    )
    authors: Recorded[People] | None = declare(
        "Authors",
        level=Level.ESSENTIALS,
        why="They get the credit when images are cited, and the questions when something is open.",
        example="Josiah Carberry <0000-0002-1825-0097> @ Brown University",
        rembi="Study.authors",
        crate="author",
    )
    license: Recorded[OneTerm] | None = declare(
        "Licence",
        level=Level.ESSENTIALS,
        why="Without one nobody may reuse the images. Archives ask for CC0 or CC BY.",
        example="CC-BY-4.0",
        rembi="Study.license",
        vocabulary="license",
        crate="license",
    )
    keywords: Recorded[Texts] | None = declare(
        "Keywords",
        level=Level.ESSENTIALS,
        why="People find images by words that the title does not hold.",
        example="mitosis; spindle; live imaging",
        rembi="Study.keywords",
        crate="keywords",
    )
    date_published: Recorded[IsoDate] | None = declare(
        "Date published",
        level=Level.ESSENTIALS,
        why="Archives ask when the images become public. Until then they are a draft.",
        example="2027-03-01",
        rembi="Study.private_until_date",
        crate="datePublished",
    )
    publisher: Recorded[OneOrganization] | None = declare(
        "Publisher",
        level=Level.PUBLISH,
        why="Who answers for the data; the first author's institution unless you say otherwise.",
        example="Brown University <https://ror.org/05gq02987>",
        crate="publisher",
    )
