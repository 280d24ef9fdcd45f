#!/bin/sh
''':'
exec "${STANDIN_PYTHON:-python3}" -S -E "$0" "$@"
':'''
"""Stand-in for SPheno, HiggsBounds and HiggsSignals: which of them, its own file name says.

Speaks their protocols (arguments, files, formats, words, exit codes) as measured on the real
programs, with a tree-level two-Higgs-doublet model in place of the physics; a test compares it
with source/thdm. Entry 90 of MINPAR makes it misbehave, see TROUBLES; the environment variables
STANDIN_HB and STANDIN_HS set the versions that it plays; with STANDIN_FIRST_ROW it has a search
that reads the first row of a call for all. Plain Python, so that it starts fast.
"""
# ruff: noqa: B905, E402, PTH110, PTH119, PTH123, SIM115

import math
import os
import resource
import signal
import sys
import time

V = 246.2205691
SM_RATES = 110


# ---- misbehaving -------------------------------------------------------------------------------
def hang():
    time.sleep(3600)


def ignore_term():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    time.sleep(3600)


def fork_and_hang():
    if os.fork() == 0:
        ignore_term()
    time.sleep(3600)


def fork_and_leave():
    """Leaves a child behind that holds the output open, and goes on."""
    if os.fork() == 0:
        ignore_term()


def segfault():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.kill(os.getpid(), signal.SIGSEGV)
    time.sleep(1)


def silent():
    sys.exit(0)


def flood():
    """Prints a gigabyte, and goes on."""
    block = b"Warning from routine CalculateMhh\n" * 30000
    for _ in range(10**9 // len(block)):
        os.write(1, block)


def fill_disk():
    """Meets the quota of its folder, as a Fortran program: a message, half a file, exit code 2."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
    with open("SPheno.spc", "w") as file:
        try:
            file.write("Block SPINFO\n" * 10000)
            file.flush()
        except OSError:
            sys.stderr.write("Fortran runtime error: File too large\n")
            os._exit(2)


def grow():
    """Writes without end."""
    with open("SPheno.out", "wb") as file:
        while True:
            file.write(bytes(1 << 20))
            time.sleep(0.001)


def scream():
    """Closes its output and goes on working for ever."""
    os.close(1)
    os.close(2)
    time.sleep(3600)


BEFORE = {1: hang, 2: ignore_term, 3: fork_and_hang, 4: segfault, 5: silent, 6: flood,
          7: fill_disk, 8: grow, 9: fork_and_leave, 10: scream}
HALF, NAN, STARS, PROBLEM, NO_TABLES, NO_NEWLINE, SWAPPED = 20, 21, 22, 23, 24, 25, 26
STILL_FAR, RUNNING, NEGATIVE_MU, WARNING = 27, 28, 29, 19
# carried by the width of the charged boson into HiggsBounds and HiggsSignals
HB_HANG, HB_STOP, HB_CRASH, HB_UNPHYSICAL, HB_STARS = 30, 31, 32, 33, 34
HS_HANG, HS_STOP, HS_CRASH, HS_FEW, HS_STARS = 40, 41, 42, 43, 44


# ---- SPheno ------------------------------------------------------------------------------------
def read_slha(path):
    blocks, block = {}, ""
    for line in open(path, errors="replace"):
        words = line.split("#")[0].split()
        if words and words[0].lower() == "block":
            block = words[1].upper()
        elif len(words) >= 2:
            blocks.setdefault(block, {})[" ".join(words[:-1])] = words[-1]
    return blocks


def spectrum(inputs):
    """Masses of h, H, A, H+ squared, and sin and cos of beta - alpha."""
    l1, l2, l3, l4, l5 = (inputs[str(i)] for i in range(1, 6))
    m12, tanb = -inputs["9"], inputs["10"]
    cb = 1 / math.sqrt(1 + tanb**2)
    sb = tanb * cb
    l1, l2, l345 = 2 * l1, 2 * l2, l3 + l4 + l5
    a = m12 * tanb + l1 * V**2 * cb**2
    b = m12 / tanb + l2 * V**2 * sb**2
    c = -m12 + l345 * V**2 * sb * cb
    mean, half = (a + b) / 2, (a - b) / 2
    radius = math.hypot(half, c)
    ma = m12 / (sb * cb) - l5 * V**2
    alpha = 0.5 * math.atan2(c, half)
    sba = sb * math.cos(alpha) - cb * math.sin(alpha)
    cba = cb * math.cos(alpha) + sb * math.sin(alpha)
    return mean - radius, mean + radius, ma, ma + (l5 - l4) * V**2 / 2, sba, cba


def run_spheno(name, source, target):
    sarah = name != "SPheno"
    if not os.path.exists(source):
        print(f" File {source:120} does not exist")
        sys.exit(0)
    blocks = read_slha(source)
    inputs = {k: float(v) for k, v in blocks["MINPAR"].items()}
    flags = {k: float(v) for k, v in blocks.get("SPHENOINPUT", {}).items()}
    trouble = int(inputs.get("90", 0))
    with open("Messages.out", "w"), open("SPheno.out", "w"):
        pass
    sys.stdout.flush()
    time.sleep(0.4 * (flags.get("13", 0) != 0))     # three-body decays of fermions
    BEFORE.get(trouble, lambda: None)()
    *squares, sba, cba = spectrum(inputs)
    if min(squares) < 0:
        print(" Warning from routine CalculateMhh\n in the calculation of the masses\n"
              " occurred a negative mass squared!\n", min(squares))
        if flags.get("52", 0) != 1:
            print("  Stopping calculation because of negative mass squared.")
            sys.stderr.write("STOP Subroutine TerminateProgram\n")
            sys.exit(0)
    if trouble == PROBLEM:
        with open("Messages.out", "w") as file:
            file.write(" Routine TreeMassesMSSM: negative sneutrino mass squared           1\n"
                       " LesHouches_Input: model has not been specified completly           1\n")
        with open(target, "w") as file:
            file.write("Block SPINFO\n     1   SPheno\n     2   v4.0.5\n"
                       "     4               # internal problem, see Messages.out for infos\n")
        print(" There has been a problem during the run.")
        sys.exit(0)
    for step in range(3):
        print(f"    {step}.-iteration\n   ... reached precision: "
              f"{0.3 if trouble == STILL_FAR else 0.3 * 1e-3**step:.16f}")
    if trouble == RUNNING:
        print("  Problem in RGE Running. Errorcode: -3")
        print(" Too many steps: Running has not converged.")
        stop("STOP Subroutine TerminateProgram")
    if trouble == NEGATIVE_MU:
        print("  Still a negative |mu|^2 after            5  iterations. Stop calculation.")
        stop("STOP Subroutine TerminateProgram")
    masses = [math.sqrt(m) if m > 0 else 1.0 for m in squares]
    write_spectrum(target, sarah, blocks["MINPAR"], masses, (sba, cba), trouble)
    if flags.get("76", 0) and sarah and trouble != NO_TABLES:
        write_tables(int(flags["76"]), masses, sba, cba, trouble)
    if flags.get("79", 0):
        with open("WC.THDMII_1.json", "w") as file:
            file.write('{"eft": "SMEFT"}')
    if sarah:
        print(" Writing output files\n Finished!")


def write_spectrum(target, sarah, minpar, masses, mixing, trouble):
    mh, big, ma, mp = (f"{m:.8E}" for m in masses)
    if trouble == NAN:
        mh = "NaN"
    kind = "   1   SPhenoSARAH\n   2   v4.0.5\n   9   4.14.3\n" if sarah else \
        "   1   SPheno\n   2   v4.0.5\n"
    if trouble == WARNING:
        kind += "   3   # problem with Higgs mass, large logs in DRbar scheme\n"
    text = "# SUSY Les Houches Accord 2\nBlock SPINFO  # Program information\n" + kind
    text += "Block MINPAR\n" + "".join(f"   {k}  {float(v):.8E}\n" for k, v in minpar.items())
    text += "Block GAUGE Q=  1.60000000E+02\n   1  3.5E-01\nBlock GAUGE Q=  1.0E+16\n   1  7D-01\n"
    text += "Block MASS  # Mass spectrum\n"
    text += f"   25   {mh}\n   35   {big}\n   36   {ma}\n   37   {mp}\n"
    text += f"Block HiggsCouplingsFermions{',' * sarah} #\n  {mixing[0]:.8E}  0.0  3  25  5  5\n"
    text += f"Block HiggsCouplingsBosons #\n  {mixing[0]:.8E}  3  25  24  24\n"
    text += f"Block STANDIN\n  1 {width_of(trouble)}\n"
    if trouble == HALF:
        text = text[:text.index("36   ") + 9]
    with open(target, "w") as file:
        file.write(text)


def width_of(trouble):
    return f"{trouble}.0" if trouble >= 30 else "1.0"


def write_tables(flag, masses, sba, cba, trouble):
    n = 3
    unit = [f"{abs(k):.8E}" for k in (sba, cba, 0.0)]
    none = ["0.00000000E+00"] * n
    tables = {"MH_GammaTot": [f"{m:.8E}" for m in masses[:3]]
              + ["4.07E-03", "1.0", "0.92511429-101"],
              "MHplus_GammaTot": [f"{masses[3]:.8E}", width_of(trouble)],
              "BR_t": ["1.5526E+00", "0.0"], "LEP_HpHm_CS_ratios": ["1.0"],
              "effC": (unit + none) * 6 + unit * (6 if flag == 1 else 5) + ["0.0"] * 6,
              "BR_H_NP": ["0.0"] * (9 if flag == 1 else 30),
              "BR_Hplus": ["0.0"] * (3 if flag == 1 else 8)}
    if trouble == STARS:
        tables["effC"][4] = "*****"
    if trouble == SWAPPED:
        tables["MH_GammaTot"][0] = "-1.0"
    for name, words in tables.items():
        with open(name + ".dat", "w") as file:
            file.write("1  " + "  ".join(words) + ("" if trouble == NO_NEWLINE else "\n"))


# ---- HiggsBounds and HiggsSignals --------------------------------------------------------------
def columns(version, n, p):
    new = version >= 5
    pairs = n * (n - 1)
    widths = {"MH_GammaTot": 2 * n + 1, "effC": (17 if new else 18) * n + n * (n + 1) // 2 + 1,
              "BR_H_NP": 4 * n + pairs + n * pairs // 2 + n * p + 1 if new else n * n + 1}
    if p:
        widths.update({"MHplus_GammaTot": 2 * p + 1, "BR_Hplus": ((5 + n) if new else 3) * p + 1,
                       "BR_t": p + 2, "LEP_HpHm_CS_ratios": p + 1})
    return widths


def stop(words, code=0):
    sys.stderr.write(words + "\n")
    sys.stdout.flush()
    sys.exit(code)


def number(word):
    """As Fortran reads: 1.0D+00 and 0.9-101 too; '*****' is a run-time error."""
    if "*" in word:
        stop("Fortran runtime error: Bad real number in item 2 of list input", 2)
    word = word.upper().replace("D", "E")
    for sign in "+-":
        head, found, tail = word[1:].rpartition(sign)
        if found and "E" not in word:
            word = word[0] + head + "E" + sign + tail
    return float(word)


def read_points(version, n, p, prefix):
    """One dict of rows for each line of the tables."""
    points = []
    for name, width in columns(version, n, p).items():
        path = f"{prefix}{name}.dat"
        if not os.path.exists(path):
            stop("STOP Problem opening file: see standard output for more info")
        for k, line in enumerate(open(path)):
            words = line.split()
            if len(words) != width:
                print(f" wrong no. columns in input file\n It had {len(words)} columns\n"
                      f" but should have been {width}")
                stop("STOP error in input file format (see standard output for filename).")
            if k == len(points):
                points.append({})
            points[k][name] = [number(word) for word in words[1:]]
    path = f"{prefix}MHall_uncertainties.dat"
    if os.path.exists(path):
        for point, line in zip(points, open(path)):
            point["dm"] = [number(word) for word in line.split()[1:]]
    return points


def evaluate(point):
    """HB ratio; chi2 of rates and of the mass."""
    mass = point["MH_GammaTot"][0]
    width = point.get("dm", [0.0])[0]
    coupling = point["effC"][0]
    ratio = 150.0 / point["MH_GammaTot"][1] + 0.3 * (1 - coupling)
    chi2 = 90 + 500 * (1 - coupling) ** 2 + (0 if abs(mass - 125.09) < 5 + width else 700)
    return ratio, chi2, (mass - 125.09) ** 2 / (0.24**2 + width**2) if abs(mass - 125.09) < 5 else 0


def slha_point(path):
    """The point of an SLHA file; what is missing counts as zero, as in the real programs."""
    blocks = read_slha(path)
    mass = {k: float(v) for k, v in blocks["MASS"].items()}
    coupling = blocks.get("HIGGSCOUPLINGSFERMIONS", {})
    fermions = next((abs(float(key.split()[0])) for key in coupling), 0.0)
    return {"MH_GammaTot": [mass["25"], mass["35"], mass["36"]], "effC": [fermions],
            "MHplus_GammaTot": [mass["37"], float(blocks["STANDIN"]["1"])],
            "dm": [float(blocks.get("DMASS", {}).get("25", 0))]}


def trouble_of(point):
    return int(point.get("MHplus_GammaTot", [0, 0])[-1])


def with_first_row(ratio, first, n, prefix):
    """Ratio and channel with the search that has the couplings of the first row for all."""
    if not os.environ.get("STANDIN_FIRST_ROW"):
        return ratio, 1341
    with open(prefix + "Key.dat", "w") as file:
        file.write("      [hep-ex] arXiv:1901.10917 (ATLAS)\n")
    photon = (first["effC"][4 * n + 1] / 30) ** 2
    return (photon / 2, 1284) if photon > ratio else (ratio, 1341)


def run_bounds(arguments):
    version = os.environ.get("STANDIN_HB", "5.10.1")
    major = int(version.split(".")[0])
    print(f" ~   HiggsBounds {version}   ~")
    if len(arguments) != 5 or arguments[0] != "LandH":
        print(" Incorrect number of parameters given on command line")
        stop("STOP Error: command line entered incorrectly (see standard output for more info)")
    form, n, p, prefix = arguments[1], int(arguments[2]), int(arguments[3]), arguments[4]
    if form == "SLHA":
        if not os.path.exists(prefix):
            print(" finished")
            return
        points = [slha_point(prefix)]
    else:
        points = read_points(major, n, p, prefix)
    codes = [trouble_of(point) for point in points]
    if HB_HANG in codes:
        hang()
    if HB_STOP in codes:
        stop("STOP error in the stand-in")
    if HB_CRASH in codes:
        segfault()
    rows = []
    for point, code in zip(points, codes):
        ratio, channel = with_first_row(evaluate(point)[0], points[0], n, prefix)
        result = -1 if code == HB_UNPHYSICAL else 1 if ratio < 1 else 0
        word = "*****" if code == HB_STARS else f"{ratio:.6g}"
        rows.append((result, channel, word))
    if form == "SLHA":
        with open(prefix, "a") as file:
            file.write("Block HiggsBoundsResults      # results from HiggsBounds\n#\n"
                       f"    0    {version}     ||LandH||            # version\n#\n")
            for rank, result in enumerate((rows[0][0], rows[0][0], 1, 1)):
                for entry, value in ((1, 1341), (2, result), (3, rows[0][2]), (4, 1)):
                    file.write(f"        {rank}        {entry}      {value}  # entry\n")
                file.write(f"        {rank}        5 ||(pp)->h1|| # text description of channel\n")
        return
    write_results(prefix, "HiggsBounds", version, points,
                  [f"{r}  {c}  {ratio}  1" for r, c, ratio in rows], n, p)


def write_results(prefix, name, version, points, rows, n, p):
    extra = " 1.0 2.0" if os.path.exists(prefix + "additional.dat") else ""
    with open(f"{prefix}{name}_results.dat", "w") as file:
        file.write(f" # generated with {name} version {version} on 01.01.2020 at 00:00\n #\n")
        for k, (point, row) in enumerate(zip(points, rows), 1):
            masses = point["MH_GammaTot"][:n] + (point["MHplus_GammaTot"][:p] if p else [])
            file.write(f"  {k}  " + "  ".join(f"{m:.6g}" for m in masses) + f"  {row}{extra}\n")


def run_signals(arguments):
    version = os.environ.get("STANDIN_HS", "2.6.2")
    major = int(version.split(".")[0])
    peak = version < "2.3"
    if len(arguments) != 6 + peak or (peak and arguments[1] != "peak"):
        print(" Incorrect number of parameters given on command line")
        stop("STOP Error: command line entered incorrectly (see standard output for more info)")
    data, form, n, p, prefix = arguments[0], *arguments[-4:]
    if os.path.exists("STXS_analyses.txt"):  # two in one folder spoil the installation
        stop("STOP somebody else works in this folder", 2)
    with open("STXS_analyses.txt", "w"):
        pass
    few = data not in ("latestresults", "LHC7+8")
    points = [slha_point(prefix)] if form == "SLHA" else \
        read_points(5 if major >= 2 else 4, int(n), int(p), prefix)
    codes = [trouble_of(point) for point in points]
    if HS_HANG in codes:
        hang()
    if HS_STOP in codes:
        stop("STOP error in the stand-in")
    if HS_CRASH in codes:
        segfault()
    rows = []
    for point, code in zip(points, codes):
        _, rates, mass = evaluate(point)
        count = 20 if few or code == HS_FEW else SM_RATES
        rates = rates / 5 if few else rates
        word = "*****" if code == HS_STARS else f"{rates + mass:.6g}"
        rows.append((f"{rates:.6g}", f"{mass:.6g}", word, count))
    if form == "SLHA":
        write_signals_block(prefix, version, major, *rows[0])
        return
    write_results(prefix, "HiggsSignals", version, points,
                  [f"{r}  {m}  {t}  {c}  1  {c + 1}  0.5" for r, m, t, c in rows], int(n), int(p))


def write_signals_block(path, version, major, rates, mass, total, count):
    with open(path, "a") as file:
        file.write(f"BLOCK HiggsSignalsResults\n    0    ||{version}||    # version\n")
        if major >= 2:
            lines = ((8, count + 1, "Number of observables (total)"), (15, rates, "mu"),
                     (12, "0.0", "chi^2 (Higgs mass) from peak observables"),
                     (13, "0.0", "chi^2 (Higgs mass) from STXS observables"),
                     (16, mass, "chi^2 (Higgs mass) (total)"), (17, total, "chi^2 (total)"),
                     (21, "0.5", "Probability (total chi^2, total number observables)"))
        else:
            lines = ((7, count + 1, "Number of observables (total)"), (12, total, "chi^2 (total)"),
                     (13, "0.5", "Probability"))
        for entry, value, comment in lines:
            file.write(f"   {entry}      {value}    # {comment}\n")


def main():
    name = os.path.basename(sys.argv[0])
    if name.startswith("SPheno"):
        source, target = (sys.argv[1:] + ["LesHouches.in", "SPheno.spc"][len(sys.argv) - 1:])[:2]
        run_spheno(name, source[:120], target[:120])  # longer names are cut without a word
        return
    arguments = sys.argv[1:-1] + [word[:100] for word in sys.argv[-1:]]
    run_bounds(arguments) if name == "HiggsBounds" else run_signals(arguments)


if __name__ == "__main__":
    main()
