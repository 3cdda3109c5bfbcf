"""What is said beside a field while its value is typed: checks in plain words, no network."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from napari_fair.model import (
    Dataset,
    Field,
    Kind,
    Quantity,
    Recorded,
    State,
    Study,
    fields,
    resolve,
    split_path,
)
from napari_fair.model import field as declaration
from napari_fair.model.declaration import join_path
from napari_fair.session.edits import image_of
from napari_fair.session.plausible import USUAL, implausible
from napari_fair.session.texts import (
    DOI,
    EMAIL,
    ORCID,
    QUANTITY,
    ROR,
    STATE_WORDS,
    InvalidValue,
    Parsing,
    orcid_is_valid,
    parts,
    ror_is_valid,
    text_of,
)

GOOD, LOOK, WRONG = "good", "warning", "error"

_WAVELENGTHS = frozenset(
    {"channel.excitation_wavelength", "channel.emission_wavelength", "light_source.wavelength"}
)
_MEDIA = {"air": 1.0, "dry": 1.0, "water": 1.34, "silicone": 1.41, "glycer": 1.48, "oil": 1.53}
"""Refractive index of immersion media, an upper bound: no aperture can be larger."""
_DOI_BEGUN = re.compile(r"^(doi:|https?://(dx\.)?doi\.org/|10\.)", re.IGNORECASE)


@dataclass(frozen=True)
class Remark:
    """One sentence about a text.

    Attributes
    ----------
    tone
        ``good``, ``warning`` (it is taken, but look again), ``error`` (it would not be taken),
        or empty for what is neither, such as a text that is still incomplete.
    """

    tone: str
    text: str


def remark_on(dataset: Dataset, path: str, text: str, image: str | None = None) -> Remark | None:
    """Return what there is to say about a text for a field; None when there is nothing.

    Parameters
    ----------
    path
        Path of the field; other values of the image are compared with it.
    text
        As far as it is typed.
    """
    declared = declaration(split_path(path)[0])
    text = text.strip()
    if not text or text.casefold() in STATE_WORDS:
        return None
    said = _BY_KIND[declared.kind](declared, text) if declared.kind in _BY_KIND else None
    if said is not None and said.tone == WRONG:
        return said
    return _beside_others(dataset, declared, path, text, image) or said


def kept_remark(dataset: Dataset, path: str, image: str | None) -> Remark | None:
    """Return what stays beside a field after its value was kept: warnings, and licences."""
    declared = declaration(split_path(path)[0])
    if declared.name not in _STAYING:
        return None
    source, found = image_of(dataset, image) if image is not None else (None, None)
    held = resolve(dataset, source, found, path)
    if held is None or held.recorded.state is not State.GIVEN:
        return None
    said = remark_on(dataset, path, text_of(dataset, declared, held.recorded), image)
    stays = said is not None and (said.tone == LOOK or declared.vocabulary == "license")
    return said if stays else None


_STAYING = (
    _WAVELENGTHS | set(USUAL) | {"objective.immersion", "study.license", "study.publications"}
)
_STAYING |= {f.name for f in fields().values() if f.kind in (Kind.DATE, Kind.DATETIME)}


# ---- by kind --------------------------------------------------------------------------------


def _refused(declared: Field, text: str) -> Remark | None:
    """Return why a text would not be taken."""
    try:
        Parsing(_NOTHING).recorded(declared, text, origin="", where="")
    except InvalidValue as problem:
        return Remark(WRONG, _sentence(problem.wanted or str(problem)))
    return None


def _quantity(declared: Field, text: str) -> Remark | None:
    match = QUANTITY.match(text)
    if match is not None and not match[2].strip():
        return Remark("", f"Add the unit, e.g. {text} {declared.unit}.")
    refused = _refused(declared, text)
    if refused is not None:
        return refused
    value = Parsing(_NOTHING).recorded(declared, text, origin="", where="")
    odd = implausible(declared, value)
    if odd:
        return Remark(LOOK, odd)
    kept = text_of(_NOTHING, declared, value)
    return Remark(GOOD, f"Kept as {kept}.") if _plain(kept) != _plain(text) else None


def _address(declared: Field, text: str) -> Remark | None:
    if DOI.match(text):
        return Remark(GOOD, "A DOI: it is kept as its web address.")
    if _DOI_BEGUN.match(text):
        return Remark(WRONG, "This DOI is not complete: it looks like 10.1234/abcd.")
    return _refused(declared, text)


def _texts(declared: Field, text: str) -> Remark | None:
    if declared.name != "study.publications":
        return None
    for part in parts(text):
        if _DOI_BEGUN.match(part) and not DOI.match(part):
            return Remark(LOOK, f"“{part}” is no complete DOI: one looks like 10.1234/abcd.")
    return None


def _day(declared: Field, text: str) -> Remark | None:
    refused = _refused(declared, text)
    if refused is not None:
        return refused if len(text) >= len("2026-11-23") else Remark("", refused.text)
    odd = implausible(declared, Recorded(value=text))
    if odd:
        return Remark(LOOK, odd)
    if declared.kind is Kind.DATETIME and datetime.fromisoformat(text).tzinfo is None:
        unknown = "The time zone is not known." if len(text) > len("2026-11-23") else ""
        return Remark("", unknown) if unknown else None
    return None


def _people(declared: Field, text: str) -> Remark | None:
    refused = _refused(declared, text)
    return refused or (Remark(GOOD, "The ORCID iD is well-formed.") if _has_orcid(text) else None)


def _organization(declared: Field, text: str) -> Remark | None:
    refused = _refused(declared, text)
    return refused or (Remark(GOOD, "The ROR address is well-formed.") if "<" in text else None)


def _term(declared: Field, text: str) -> Remark | None:
    if declared.vocabulary != "license":
        return None
    from napari_fair.session.texts import term
    from napari_fair.vocabulary import describe_licence

    known = describe_licence(term(declared, text))
    if known is None:
        return Remark(LOOK, "This is no licence that archives know: CC-BY-4.0 and CC0-1.0 are.")
    if known.bioimage_archive == "yes":
        return Remark(GOOD, f"{known.summary} The BioImage Archive accepts it.")
    return Remark(LOOK, f"{known.summary} Not checked whether the BioImage Archive accepts it.")


def _number(declared: Field, text: str) -> Remark | None:
    refused = _refused(declared, text)
    if refused is not None:
        return refused
    odd = implausible(declared, Parsing(_NOTHING).recorded(declared, text, origin="", where=""))
    return Remark(LOOK, odd) if odd else None


_BY_KIND: dict[Kind, Callable[[Field, str], Remark | None]] = {
    Kind.QUANTITY: _quantity,
    Kind.ADDRESS: _address,
    Kind.TEXTS: _texts,
    Kind.DATE: _day,
    Kind.DATETIME: _day,
    Kind.PEOPLE: _people,
    Kind.ORGANIZATION: _organization,
    Kind.TERM: _term,
    Kind.INTEGER: _number,
    Kind.NUMBER: _number,
}


def orcid_remark(text: str) -> Remark | None:
    """Return what there is to say about an ORCID iD, as far as it is typed."""
    text = text.strip()
    digits = re.sub(r"[^0-9Xx]", "", text.rpartition("orcid.org/")[2])
    if not text:
        return None
    if len(digits) < 16:
        return Remark("", f"An ORCID iD has 16 digits: {16 - len(digits)} to go.")
    if not ORCID.match(text):
        return Remark(WRONG, "An ORCID iD looks like 0000-0002-1825-0097.")
    if not orcid_is_valid(digits):
        return Remark(WRONG, "A digit is wrong: compare it with the ORCID page.")
    return Remark(GOOD, "The digits fit together.")


def ror_remark(text: str) -> Remark | None:
    """Return what there is to say about a ROR address, as far as it is typed."""
    text = text.strip()
    if not text:
        return None
    match = ROR.match(text)
    if match is None:
        return Remark("", "A ROR address looks like https://ror.org/05gq02987.")
    if not ror_is_valid(match[1]):
        return Remark(WRONG, "A character is wrong: compare it with the page at ror.org.")
    return Remark(GOOD, "The digits fit together.")


def email_remark(text: str) -> Remark | None:
    """Return what there is to say about an e-mail address, as far as it is typed."""
    text = text.strip()
    return Remark("", "An address looks like jc@example.org.") if _no_email(text) else None


def _no_email(text: str) -> bool:
    return bool(text) and not EMAIL.match(text)


# ---- beside other values --------------------------------------------------------------------


def _beside_others(
    dataset: Dataset, declared: Field, path: str, text: str, image: str | None
) -> Remark | None:
    """Return what is odd about a text beside other values of the image."""

    def other(name: str) -> str:
        return _text(dataset, name, image)

    _, index = split_path(path)
    if declared.name in _WAVELENGTHS:
        return _order(declared, text, index, other)
    if declared.name == "objective.lens_na":
        return _aperture(text, other("objective.immersion"))
    if declared.name == "objective.immersion":
        return _aperture(other("objective.lens_na"), text)
    return None


def _order(
    declared: Field, text: str, index: int | None, other: Callable[[str], str]
) -> Remark | None:
    """Say when more energetic light came out than went in, which takes several photons."""
    if declared.block != "channel":
        return None
    names = ("channel.excitation_wavelength", "channel.emission_wavelength")
    excitation, emission = (
        _nanometres(text if name == declared.name else other(join_path(name, index)))
        for name in names
    )
    if excitation is None or emission is None or emission > excitation:
        return None
    if "photon" in other("acquisition.imaging_method").casefold():
        return None
    words = f"Emission ({emission:g} nm) is not above excitation ({excitation:g} nm)"
    return Remark(LOOK, f"{words}: only multiphoton imaging is like that.")


def _aperture(aperture: str, immersion: str) -> Remark | None:
    try:
        value = float(aperture.replace(",", "."))
    except ValueError:
        return None
    medium = next((name for name in _MEDIA if name in immersion.casefold()), "")
    if medium and value >= _MEDIA[medium]:
        word = "air" if medium == "dry" else "glycerol" if medium == "glycer" else medium
        return Remark(LOOK, f"An aperture of {value:g} is not possible in {word}: look at both.")
    return None


# ---- texts ----------------------------------------------------------------------------------

_NOTHING = Dataset(id="", created="", study=Study(id=""))


def _has_orcid(text: str) -> bool:
    return any(ORCID.match(part.strip()) for part in re.findall(r"<([^<>]*)>", text))


def _nanometres(text: str) -> float | None:
    declared = declaration("channel.emission_wavelength")
    try:
        recorded = Parsing(_NOTHING).recorded(declared, text, origin="", where="")
    except InvalidValue:
        return None
    value = recorded.value if recorded is not None else None
    return value.value if isinstance(value, Quantity) else None


def _text(dataset: Dataset, path: str, image: str | None) -> str:
    source, found = image_of(dataset, image) if image is not None else (None, None)
    held = resolve(dataset, source, found, path)
    if held is None or not held.recorded.given:
        return ""
    return text_of(dataset, declaration(split_path(path)[0]), held.recorded)


def _plain(text: str) -> str:
    return text.replace(" ", "").replace(",", ".")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
