"""What the lens numbers of DeltaVision microscopes mean.

softWoRx writes a number instead of a name; the lens list that comes with it is the same on all
systems (numbers from 2000 to 3999 are a site's own). Those not listed here stay unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Lens:
    """An objective.

    Attributes
    ----------
    working_distance
        In mm, 0 when it is not known.
    model
        The maker's order number, empty when it is not known.
    """

    manufacturer: str
    magnification: float
    aperture: float
    immersion: str
    working_distance: float
    model: str


@cache
def lenses() -> dict[int, Lens]:
    """Return the known lenses by their number."""
    found = {}
    for line in _LENSES.strip().splitlines():
        number, maker, magnification, aperture, immersion, distance, *model = line.split(" ", 6)
        found[int(number)] = Lens(
            maker,
            float(magnification),
            float(aperture),
            immersion,
            float(distance),
            " ".join(model),
        )
    return found


# number, maker, magnification, numerical aperture, immersion, working distance (mm), order number
_LENSES = """
1 Zeiss 10 0.25 Air 0
2 Zeiss 25 0.5 Air 0
3 Zeiss 50 1 Oil 0
4 Zeiss 63 1.25 Oil 0
5 Zeiss 100 1.3 Oil 0
9 Olympus 10 0.4 Air 0
10 Olympus 20 0.8 Oil 0
11 Olympus 40 1.3 Oil 0
12 Olympus 60 1.4 Oil 0
13 Nikon 100 1.4 Oil 0
10000 Olympus 100 1.3 Oil 0 1-LB393
10001 Olympus 100 1.3 Oil 0 1-LB392
10002 Olympus 100 1.4 Oil 0.1 1-UB935
10003 Olympus 100 1.35 Oil 0.1 1-UB836
10004 Olympus 100 1.3 Oil 0 1-UB535
10005 Olympus 100 1.35 Oil 0.1
10006 Olympus 100 1.4 Oil 0.1
10007 Olympus 100 1.4 Oil 0.13 1-U2B836
10008 Olympus 100 1.3 Oil 0.2 1-U2B5352
10009 Olympus 100 1.3 Oil 0.2 1-U2B5362
10010 Olympus 100 1.45 Oil 0.1 1-UB617R
10011 Olympus 100 1.49 Oil 0.1 1-U2B725
10012 Olympus 100 0.95 Air 0.2
10100 Olympus 10 0.3 Air 0 1-LP134
10101 Olympus 10 0.4 Air 0 1-LB331
10102 Olympus 10 0.3 Air 0 1-LP134
10103 Olympus 4 0.13 Air 0 1-LP124
10104 Olympus 10 0.4 Air 0 1-LB331
10105 Olympus 10 0.4 Air 3.1 1-LP331
10106 Olympus 4 0.16 Air 13 1-UB822
10107 Olympus 10 0.4 Air 3.1 1-UB823
10108 Olympus 10 0.25 Air 9.8 1-UC243
10109 Olympus 10 0.3 Air 0 1-UB532
10110 Olympus 4 0.13 Air 0
10111 Olympus 2 0.08 Air 0
10112 Olympus 4 0.13 Air 0 1-UB522
10113 Olympus 1.25 0.04 Air 5.1 1-UB920
10114 Olympus 2 0.08 Air 6 1-UB921
10115 Olympus 10 0.4 Air 3.1 1-U2B823
10116 Olympus 4 0.16 Air 13 1-U2B822
10117 Olympus 10 0.4 Air 3.1 1-U2B824
10200 Olympus 20 0.4 Air 3
10201 Olympus 20 0.65 Air 1.03 1-LB343
10202 Olympus 20 0.4 Air 0 1-LP146
10203 Olympus 20 0.8 Oil 0 1-LB342
10204 Olympus 20 0.7 Air 0 1-LB341
10205 Olympus 20 0.75 Air 0.55 1-UB765
10206 Olympus 20 0.5 Air 0.55 1-UC525
10207 Olympus 20 0.4 Air 3 1-UC145
10208 Olympus 20 0.5 Air 0.55 1-UB525
10209 Olympus 20 0.4 Air 6.9 1-UC345
10210 Olympus 20 0.4 Air 6.9 1-UB345
10211 Olympus 20 0.75 Air 0.65 1-U2B825
10212 Olympus 20 0.45 Air 0 1-U2C375
10213 Olympus 20 0.5 Air 2 1-U2C525
10214 Olympus 20 0.75 Air 0.55 1-UB765R
10215 Olympus 20 0.45 Air 6.6 1-U2B375
10400 Olympus 40 0.55 Air 2.04
10401 Olympus 40 0.85 Air 0.25
10402 Olympus 40 1.3 Oil 0.12 1-LB356
10403 Olympus 40 1.35 Oil 0.1 1-UB768
10404 Olympus 40 0.85 Air 0.2 1-UB827
10405 Olympus 40 0.95 Air 0.14 1-UB927
10406 Olympus 40 1 Oil 0 1-UB828
10407 Olympus 40 0.75 Air 0 1-UB527
10408 Olympus 40 0.6 Air 2.15 1-UB347
10409 Olympus 40 0.6 Air 2.15 1-UC347
10410 Olympus 40 1.15 Water 0 1-UB769
10411 Olympus 40 0.75 Air 0 1-UC527
10412 Olympus 40 1.35 Oil 0.1
10413 Olympus 40 1.15 Water 0.26 1-UB769R
10414 Olympus 40 0.6 Air 2.7 1-U2B377
10415 Olympus 40 1.35 Oil 0.1 1-U2B768
10416 Olympus 40 1.3 Oil 0.2 1-U2B530
10600 Olympus 60 1.4 Oil 0.3
10601 Olympus 60 1.4 Oil 0 1-LB751
10602 Olympus 60 1.4 Oil 0.1 1-UB932
10603 Olympus 60 1.2 Water 0.25 1-UB891
10604 Olympus 60 1.2 Water 0.25
10605 Olympus 60 0.7 Air 1.1 1-UB351
10606 Olympus 60 0.7 Air 1.1 1-UC351
10607 Olympus 60 1.4 Oil 0 1-UC932
10608 Olympus 60 1.25 Oil 0 1-UB532
10609 Olympus 60 1.4 Oil 0.15 1-UB933
10610 Olympus 60 1.4 Oil 0.15
10611 Olympus 60 1.2 Water 0.25
10612 Olympus 60 1.42 Oil 0.15 1-U2B933
10613 Olympus 60 1.45 Oil 0.1 1-U2B616
10614 Olympus 60 1.49 Oil 0.1 1-U2B617
10615 Olympus 60 1.3 Other 0.3
10616 Olympus 60 1.2 Water 0.28 1-U2B893S
10617 Olympus 60 1.49 Oil 0.1 1-U2B720
11500 Olympus 150 1.45 Oil 0.1 1-U2B618
12000 Nikon 100 1.4 Oil 0.1 85025
12001 Nikon 100 1.3 Oil 0.14 85005
12002 Nikon 100 1.3 Glycerol 0.13 78821
12003 Nikon 100 1.4 Oil 0.13 93110
12004 Nikon 100 1.3 Oil 0.2 93129
12005 Nikon 100 0.9 Air 0.3 MRH00900
12101 Nikon 2 0.1 Air 0 202294
12102 Nikon 4 0.2 Air 0 108388
12103 Nikon 4 0.2 Air 15.7 93102
12104 Nikon 10 0.45 Air 4 93103
12105 Nikon 10 0.3 Air 16 93134
12106 Nikon 10 0.5 Air 1.2 MRF00100
12107 Nikon 10 0.25 Air 10.5 93183
12108 Nikon 10 0.25 Air 6.1 93161
12109 Nikon 2 0.1 Air 8.5 MRD00020
12110 Nikon 4 0.2 Air 20 MRD00041
12111 Nikon 10 0.45 Air 4 MRD00101
12201 Nikon 20 0.75 Air 1 93104
12202 Nikon 20 0.75 Multi 0 93146
12203 Nikon 20 0.45 Air 7.4 93150
12204 Nikon 20 0.45 Air 4.5 MUE01200
12205 Nikon 20 0.5 Air 2.1 MRH00200
12206 Nikon 20 0.45 Air 7 MRH08230
12207 Nikon 20 0.75 Air 1 MRD00201
12208 Nikon 20 0.75 Air 1
12401 Nikon 40 1.3 Oil 0.16 85028
12402 Nikon 40 1.3 Oil 0.22 85004
12403 Nikon 40 0.75 Air 0 140508
12404 Nikon 40 1.3 Oil 0.22
12405 Nikon 40 0.95 Air 0
12406 Nikon 40 1 Oil 0.16
12407 Nikon 40 0.6 Air 3.2
12408 Nikon 40 0.6 Air 2.7 MRH08430
12409 Nikon 40 0.95 Air 0.14 MRD00400
12410 Nikon 40 0.65 Air 0.48
12411 Nikon 40 0.95 Air 0.14 MRD00405
12412 Nikon 40 0.9 Air 0.3 MRF00400
12413 Nikon 40 0.75 Air 0.66
12600 Nikon 60 1.4 Oil 0.17 85020
12601 Nikon 60 1.4 Oil 0.21 93108
12602 Nikon 60 1.2 Water 0.22 93109
12603 Nikon 60 0.95 Air 0.15 MRD00600
12604 Nikon 60 0.7 Air 1.5 MRH08630
12605 Nikon 60 0.95 Air 0.15 MRD00605
12606 Nikon 60 0.85 Air 0.3 MRH00602
14001 Zeiss 100 1.4 Oil 0.1 44 07 08
14002 Zeiss 100 1.3 Oil 0.1 44 07 86
14003 Zeiss 100 1.4 Oil 0 44 07 80
14004 Zeiss 100 1.3 Oil 0 46 19 46
14005 Zeiss 100 1.4 Oil 0 44 07 86
14006 Zeiss 100 1.3 Oil 0
14101 Zeiss 10 0.3 Air 0 44 03 30
14102 Zeiss 10 0.25 Air 0 44 01 31
14103 Zeiss 10 0.25 Air 0 44 00 31
14104 Zeiss 10 0.45 Air 0 44 06 39
14105 Zeiss 5 0.16 Air 0 44 06 20
14201 Zeiss 20 0.5 Air 0 44 03 41
14202 Zeiss 20 0.6 Air 0 44 06 40
14203 Zeiss 20 0.75 Air 0 44 06 49
14204 Zeiss 20 0.75 Air 0 44 01 45
14301 Zeiss 25 0.8 Multi 0.8 44 05 44
14302 Zeiss 25 0.8 Multi 0.8 44 05 42
14303 Zeiss 25 0.8 Air 0 44 05 45
14401 Zeiss 40 1.3 Oil 0.14 44 02 55
14402 Zeiss 40 1 Oil 0 44 07 51
14403 Zeiss 40 1.2 Water 0 44 00 52
14404 Zeiss 40 0.75 Air 0 44 03 51
14405 Zeiss 40 1.3 Oil 0.15 44 04 50
14406 Zeiss 40 0.6 Air 0 44 08 65
14407 Zeiss 40 1.3 Oil 0
14601 Zeiss 63 1.4 Oil 0.09 44 07 60
14602 Zeiss 63 1.4 Oil 0.09 44 07 62
14603 Zeiss 63 0.9 Water 0 44 00 69
14604 Zeiss 63 1.2 Water 0.09 44 06 68
"""
