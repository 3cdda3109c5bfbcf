"""REMBI modules Study and Study component: what for, by whom, and how images may be used."""

from __future__ import annotations

from napari_fair.model.blocks import (
    Address,
    Block,
    IsoDate,
    LongText,
    OneOrganization,
    OneTerm,
    People,
    Terms,
    Text,
    Texts,
    declare,
)
from napari_fair.model.declaration import Level
from napari_fair.model.recorded import Recorded


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
    study_type: Recorded[Terms] | None = declare(
        "Study type",
        why="It says at a glance what kind of question the images answer.",
        example="high content screen",
        rembi="Study.study_type",
        vocabulary="study_type",
        crate="studyType",
    )
    funding: Recorded[LongText] | None = declare(
        "Funding statement",
        level=Level.PUBLISH,
        why="Funders ask to be named, and MIFA requires the statement.",
        example="Funded by the Wellcome Trust",
        rembi="Study.funding_statement",
        crate="fundingStatement",
    )
    grants: Recorded[Texts] | None = declare(
        "Grants",
        level=Level.PUBLISH,
        why="A grant number lets the funder find what it paid for.",
        example="Wellcome Trust 212962/Z/18/Z",
        rembi="Study.grants",
        crate="grant",
    )
    publications: Recorded[Texts] | None = declare(
        "Publications",
        level=Level.PUBLISH,
        why="Readers of the paper find the images, and the other way round. A DOI is best.",
        example="10.1038/s41592-021-01166-8",
        rembi="Study.publications",
        crate="publication",
    )
    links: Recorded[Texts] | None = declare(
        "Links",
        level=Level.PUBLISH,
        why="Code, models or other data that belong to the images.",
        example="https://github.com/example/analysis",
        rembi="Study.links",
        crate="link",
    )
    acknowledgements: Recorded[LongText] | None = declare(
        "Acknowledgements",
        level=Level.PUBLISH,
        why="Facilities count on being named.",
        example="We thank the imaging facility.",
        rembi="Study.acknowledgements",
        crate="acknowledgement",
    )
    data_management_plan: Recorded[Address] | None = declare(
        "Data management plan",
        why="It says how long the data are kept and who decides.",
        example="https://dmp.example.org/123",
        crate="dataManagementPlan",
    )


class StudyComponent(Block):
    """What the images of this folder are within the study."""

    name: Recorded[Text] | None = declare(
        "Component",
        level=Level.PUBLISH,
        why="A study often has several sets of images; this names the present one.",
        example="Time-lapse of treated cells",
        rembi="StudyComponent.name",
        crate="componentName",
    )
    description: Recorded[LongText] | None = declare(
        "Component description",
        level=Level.PUBLISH,
        why="What this set of images is for, within the study.",
        example="Cells imaged every 5 min for 12 h after adding drug A.",
        rembi="StudyComponent.description",
        crate="description",
    )
