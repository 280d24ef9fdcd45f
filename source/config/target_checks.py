"""What can be wrong with the settings of the target, in words a user can act on."""

RELATIVE = ("Chi_square_above_best", "Confidence")
TARGETS = ("Target_value", "Target_width", "Chi_square_threshold", *RELATIVE)


def problems(values):
    """Contradictions between the settings `values`, by name.

    Returns
    -------
    list of (setting, str)
    """
    found, value, width = [], values["Target_value"], values["Target_width"]
    given = [key for key in RELATIVE if values[key] is not None]
    if (value is None) != (width is None):
        missing, there = (("Target_width", "Target_value") if width is None
                          else ("Target_value", "Target_width"))
        found.append((there, f"{there} is set, but {missing} is not; the target is Target_value +- "
                      f"Target_width. Set {missing} too, or delete {there}."))
    if len(given) > 1:
        found.append(("Confidence", "Confidence and Chi_square_above_best both say how far above "
                      "the best chi2 the target reaches. Delete one of them."))
    elif given and value is not None:
        found.append((given[0], f"{given[0]} is set, but Target_value asks for a value in a band, "
                      "which has no best chi2. Delete one."))
    elif not given and value is None and values["Chi_square_threshold"] is None:
        found.append(("Chi_square_threshold", "Chi_square_threshold = None; expected a number, as "
                      "no other setting says what the target is. Give a number, or set "
                      "Chi_square_above_best."))
    return found
