"""Points become evaluations, in any order, none lost: local workers, Dask; the one start of processes."""
