"""Stand-in for Higgs.predictions."""


class Particle:
    """One Higgs boson."""

    def __init__(self, mass, coupling):
        self._mass, self.coupling, self.uncertainty = mass, coupling, 0.0

    def mass(self):
        """In GeV."""
        return self._mass

    def setMassUnc(self, value):  # noqa: N802 - the library's name
        """Theory uncertainty in GeV."""
        self.uncertainty = value


class Predictions:
    """Particles by name."""

    def __init__(self, particles):
        self._particles = particles

    def particle(self, name):
        """Raises RuntimeError for a particle that was not added, as the library does."""
        if name not in self._particles:
            raise RuntimeError(f"No particle with id {name}")
        return self._particles[name]
