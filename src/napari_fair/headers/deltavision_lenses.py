"""What common lens numbers of DeltaVision microscopes mean.

softWoRx writes a number instead of a name; the lens list that comes with it is the same on all
systems (numbers from 2000 to 3999 are a site's own). Those not listed here stay unknown.
"""

from __future__ import annotations

LENSES: dict[int, str] = {
    10002: "Olympus 100x/1.40 Oil, Plan Apo",
    10003: "Olympus 100x/1.35 Oil, U Plan Apo",
    10007: "Olympus 100x/1.40 Oil, U Plan S Apo",
    10011: "Olympus 100x/1.49 Oil, U Apo N TIRF",
    10602: "Olympus 60x/1.40 Oil, Plan Apo",
    10603: "Olympus 60x/1.20 Water, U Plan Apo",
    10605: "Olympus 60x/0.70 Air, LCPlanFl",
    10612: "Olympus 60x/1.42 Oil, Plan Apo N",
    10614: "Olympus 60x/1.49 Oil, Apo N TIRF",
    10616: "Olympus 60x/1.20 Water, U Plan S Apo",
    12201: "Nikon 20x/0.75 Air, Plan Apo",
    12404: "Nikon 40x/1.30 Oil, S Fluor",
    12601: "Nikon 60x/1.40 Oil, Plan Apo",
    12602: "Nikon 60x/1.20 Water, Plan Apo",
    12603: "Nikon 60x/0.95 Air, Plan Apo",
}
"""By number: maker, magnification, numerical aperture, immersion, name."""
