"""Points become evaluations, none lost: local workers or Dask; starts all processes."""
