"""Stand-ins of the programs in docs/examples, by the name they are started with.

Each refuses to be called otherwise than its documentation says, and writes what that shows. A point
with m0 above 3000 GeV is one that the program calls invalid.
"""

import os
import sys
from pathlib import Path

NAME, ARGUMENTS = Path(sys.argv[0]).name, sys.argv[1:]


def numbers(text, wanted):
    """Entries of a block of an SLHA text: {'1': 1500.0}."""
    found, block = {}, ""
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if words and words[0].lower() == "block":
            block = words[1].upper()
        elif len(words) == 2 and block == wanted:
            found[words[0]] = float(words[1])
    return found


def read(path):
    """Text of a file."""
    return Path(path).read_text()


def write(path, text, before=""):
    """The text, behind what is there already where that is given."""
    Path(path).write_text(before + text)


def micromegas():
    """main of micrOMEGAs: as its main.c prints it; -1 where there is no relic density."""
    path, = ARGUMENTS
    mh = numbers(read(path), "MASS")["25"]
    omega = 0.001 * mh if mh > 118 else -1.0
    print(f"\n==== Calculation of relic density =====\nXf=2.51e+01 Omega={omega:.2e}\n"
          "# Channels which contribute to 1/(omega) more than 1%.\n"
          " 98% ~o1 ~o1 ->l L\n==== Calculation of CDM-nucleons amplitudes  =====\n"
          "CDM[antiCDM]-nucleon micrOMEGAs amplitudes:\n"
          "proton:  SI  1.1E-09 [1.1E-09]  SD  3.0E-07 [3.0E-07]\n"
          "CDM[antiCDM]-nucleon cross sections[pb]:\n"
          " proton  SI 5.230E-11 [5.230E-11] SD 1.000E-07 [1.000E-07]\n"
          " neutron SI 5.430E-11 [5.430E-11] SD 1.100E-07 [1.100E-07]")


def susyhit():
    """run of SUSY-HIT: fixed names in its folder."""
    assert not ARGUMENTS
    assert "SUSYHIT OPTIONS" in read("susyhit.in")
    mh = numbers(read("slhaspectrum.in"), "MASS")["25"]
    write("susyhit_slha.out", f"""#
BLOCK DCINFO  # Decay Program information
     1   SDECAY/HDECAY # decay calculator
     2   1.5a /3.4    # version number
BLOCK SPINFO  # Spectrum calculator information
     1   SPheno
     2   4.0.5
BLOCK MASS  # Mass Spectrum
        25     {mh:.8E}   # h
#         PDG            Width
DECAY        25     4.10000000E-03   # h decays
#          BR         NDA      ID1       ID2
     5.80000000E-01    2           5        -5   # BR(h -> b       bb     )
     2.30000000E-03    2          22        22   # BR(h -> gam     gam    )
     2.20000000E-01    2          24       -24   # BR(h -> W+      W-     )
""")


def softsusy():
    """softpoint.x: input from its standard input, exit code 0 for invalid points as well."""
    assert ARGUMENTS == ["leshouches"]
    values = numbers(sys.stdin.read(), "MINPAR")
    print("# SOFTSUSY4.1.12 SLHA compliant output\nBlock SPINFO     # Program information\n"
          "     1   SOFTSUSY    # spectrum calculator\n     2   4.1.12      # version number")
    if values["1"] > 3000:
        print("     4   Point invalid: [ MuSqWrongsign ]")
        return
    mh = 115 + 5 * values["1"] / 1000
    print(f"Block MASS   # Mass spectrum\n        25     {mh:.8e}   # h0\n"
          f"   1000021     {2.2 * values['2']:.8e}   # ~g")


def flexiblesusy():
    """run_CMSSM.x: exit code 1 and a spectrum with SPINFO 4 for invalid points."""
    words = dict(word.lstrip("-").split("=") for word in ARGUMENTS)
    assert set(words) == {"slha-input-file", "slha-output-file"}
    values = numbers(read(words["slha-input-file"]), "MINPAR")
    text = "Block SPINFO\n     1   FlexibleSUSY\n     2   2.8.0\n     5   CMSSM\n     9   4.15.1\n"
    bad = values["1"] > 3000
    if bad:
        text += "     4   tachyon Su,\n"
    text += (f"Block MASS\n        25     {115 + 5 * values['1'] / 1000:.8E}   # hh(1)\n"
             "Block gauge Q= 2.10000000E+16\n     3     7.1E-01   # g3\n"
             f"Block gauge Q= {values['2']:.8E}\n     3     1.06E+00   # g3\n")
    write(words["slha-output-file"], text)
    sys.exit(int(bad))


def nmssmtools():
    """nmhdecay: `inp` and `spectr`, data by EXPCON_PATH."""
    assert not ARGUMENTS
    assert Path(os.environ["EXPCON_PATH"]).is_dir()
    values = numbers(read("inp"), "EXTPAR")
    text = ("# NMSSMTools OUTPUT IN SLHA FORMAT\nBLOCK SPINFO   # Program information\n"
            "     1   NMSSMTools # Spectrum calculator\n     2   6.0.0      # Version number\n"
            "     3   # Excluded by LEP: e+e- -> h+Z\n")
    if values["65"] > 400:
        text += "     4   # M_H1^2<1\n"
    else:
        text += (f"BLOCK MASS   # Mass spectrum\n        25     {100 + 40 * values['61']:.8E}\n"
                 f"        35     {values['65']:.8E}\n")
    write("spectr", text)


def vevacious():
    """Vevacious++: the file of its main input, which names the spectrum that it appends to."""
    main, = ARGUMENTS
    text = read(main)
    initialization = text.split("<InitializationFile>")[1].split("<")[0].strip()
    path = text.split("<RunPointInput>")[1].split("<")[0].strip()
    assert "<AppendLhaOutputToLhaInput>" in text and Path(initialization).is_file()
    stable = numbers(read(path), "MASS")["25"] < 120
    write(path, f"""
BLOCK VEVACIOUSSTABILITY # Results from VevaciousPlusPlus
# [index] [verdict int]
  1  {int(stable)}  # {'Stable' if stable else 'Metastable'} DSB vacuum
BLOCK VEVACIOUSZEROTEMPERATURE # Results at T = 0
# [index] [verdict float]
  1  {'-1.00000000E+000' if stable else '+9.50000000E-001'}  # Probability
""", read(path))


def smodels():
    """runSModelS.py and smodelsTools.py: cross sections first, then a file beside the spectrum."""
    if NAME == "smodelsTools.py":
        assert ARGUMENTS[0] == "xseccomputer" and "-p" in ARGUMENTS
        write(ARGUMENTS[-1], "\nXSECTION  1.30E+04  2212 2212 2 1000021 1000021\n"
              "  0  0  0  0  0  0    1.7E-03\n", read(ARGUMENTS[-1]))
        return
    words = dict(zip(ARGUMENTS[::2], ARGUMENTS[1::2], strict=True))
    text = read(words["-f"])
    assert "XSECTION" in text and "outputType = slha" in read(words["-p"])
    mh = numbers(text, "MASS")["25"]
    answer = "BLOCK SModelS_Settings\n 0  v3.1.1   #SModelS version\n\nBLOCK SModelS_Exclusion\n"
    answer += f" 0 0 {1 if mh > 120 else -1}   #output status\n"
    if mh > 120:
        answer += (" 1 0 T6WW   #txname (final states = PV > (W,jet,MET),(W,jet,MET))\n"
                   f" 1 1 {mh / 120:.3E}   #r value\n 1 2 N/A   #expected r value\n"
                   " 2 0 T6WW   #txname\n 2 1 1.0E-01   #r value\n")
    write(Path(words["-o"], words["-f"] + ".smodelsslha"), answer)


{"main": micromegas, "run": susyhit, "softpoint.x": softsusy, "run_CMSSM.x": flexiblesusy,
 "nmhdecay": nmssmtools, "VevaciousPlusPlus_main.exe": vevacious, "runSModelS.py": smodels,
 "smodelsTools.py": smodels}[NAME]()
