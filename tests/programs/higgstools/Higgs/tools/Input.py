"""Stand-in for Higgs.tools.Input."""

from pathlib import Path

from Higgs.predictions import Particle, Predictions


def readHB5SLHA(path, neutralPDGs, chargedPDGs):  # noqa: N802 - the library's names
    """Dict of masses and couplings of an SLHA file; KeyError for a particle that is not there."""
    data, block = {}, ""
    for line in Path(path).read_text().splitlines():
        words = line.split("#")[0].split()
        if words and words[0].lower() == "block":
            block = words[1]
        elif block == "MASS" and words:
            data[f"m_{words[0]}"] = float(words[1])
        elif block == "HiggsCouplingsFermions":  # with a comma behind it, it is another block
            data["effc_25_bb_s"] = float(words[0])
    for code in [*neutralPDGs, *chargedPDGs]:
        data[f"m_{code}"] = data[f"m_{code}"]
    data["effc_25_bb_s"] = data["effc_25_bb_s"]
    return data


def predictionsFromDict(data, neutralIds, singlechargedIds, doublechargedIds):  # noqa: N802
    """Predictions of such a dict."""
    return Predictions({name: Particle(data[f"m_{name}"], data["effc_25_bb_s"])
                        for name in [*neutralIds, *singlechargedIds, *doublechargedIds]})
