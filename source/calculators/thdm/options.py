"""Settings of the THDM calculator, taken from the scan's configuration."""

from dataclasses import dataclass, fields, replace

PREFIX = "THDM_"


@dataclass(frozen=True)
class Options:
    """What the calculator assumes and tests; meanings and defaults as in settings.py."""

    type: str = "II"
    mh_theory_uncertainty: float = 3.0
    signals: tuple = ("run1", "atlas", "cms")
    oblique: bool = True
    oblique_fit: str = "gfitter2018"
    perturbativity: float = 12.566
    unitarity: float = 25.133
    vacuum: bool = True
    flavour: bool = False
    bsgamma_limit: float | None = None
    searches: tuple = ()
    search_rule: str = "each"
    dark_matter: bool = True

    @classmethod
    def from_config(cls, config):
        """Options of a ScanConfig; settings it lacks keep their default."""
        default = cls()
        return replace(default, **{f.name: getattr(config, PREFIX + f.name,
                                                   getattr(default, f.name))
                                   for f in fields(cls)})
