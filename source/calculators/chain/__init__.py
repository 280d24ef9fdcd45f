"""SPheno, HiggsBounds, HiggsSignals and HiggsTools as one calculation of a point."""
