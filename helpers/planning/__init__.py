"""How many animals? Power and sample size by simulation, with the very test that will be used.

    from helpers.planning import crossed, curve, power, smallest

    design = crossed(animal=8, day=3, between={"drug": ["control", "treated"]})
    power(design, "~ drug + day + (1 | animal)", effects={"drug": 0.8}, sd={"animal": 0.7, "residual": 1.0},
          test="drug", ddf="kenward-roger")

`recipes` makes designs, `enlarged` more animals like a pilot's; `assumptions` reads effects and standard deviations,
`asked` the tests; `experiments` simulates and fits, `rates` counts, `families` corrects
tests that belong together. `design_sizes` goes over many designs; `pilots` takes standard deviations from a fit;
`screens` does the same for screens of many genes' counts. `correlations` has the power of a correlation, which needs no
simulation.
"""

from helpers.planning.assumptions import from_icc
from helpers.planning.correlations import correlation_power
from helpers.planning.design_sizes import curve, detectable, smallest, within_budget
from helpers.planning.enlarged import like
from helpers.planning.pilots import from_fit
from helpers.planning.power_table import PowerTable, power
from helpers.planning.recipes import crossed, nested
from helpers.planning.screens import ScreenPilot, screen, screen_pilot

__all__ = [
    "PowerTable",
    "ScreenPilot",
    "correlation_power",
    "crossed",
    "curve",
    "detectable",
    "from_fit",
    "from_icc",
    "like",
    "nested",
    "power",
    "screen",
    "screen_pilot",
    "smallest",
    "within_budget",
]
