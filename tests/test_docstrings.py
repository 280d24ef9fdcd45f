"""Every public name of source/ says what it is, arrays with their shapes; the API has types."""

import importlib
import inspect
import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "source"
NAMES = sorted(".".join(("mlscanner", *path.relative_to(SOURCE).with_suffix("").parts))
               .removesuffix(".__init__") for path in SOURCE.rglob("*.py")
               if path.name != "__main__.py")
ARRAYS = {"x", "u", "y"}    # parameters that are arrays, but for columns that a picture names
SHAPE = re.compile(r"\([nmdD],|\(dim,")
# What users and the other parts of the program call: module -> names
API = {
    "mlscanner.cli.main": ["main"],
    "mlscanner.MLs_HEP": ["load_model", "scan.__iter__", "scan.finish"],
    "mlscanner.config.scan_config": ["load_config", "make_config"],
    "mlscanner.models.registry": ["make_model", "model_name"],
    "mlscanner.space.parameters": ["Box.from_config", "Box.to_physical", "Box.to_unit",
                                   "Box.allowed"],
    "mlscanner.likelihood.observables": ["Target.from_config", "Target.inside", "Target.holds",
                                         "observable"],
    "mlscanner.auxiliary": ["make_calculator", "Pool.__enter__", "Pool.map"],
    "mlscanner.parallel.processes": ["run_program", "process_exists"],
    "mlscanner.store.points": ["Points.append", "Points.take"],
    "mlscanner.acquisition.proposer": ["Proposer.first", "Proposer.propose"],
    "mlscanner.calculators.slha": ["Slha.value", "Slha.width", "Slha.branching_ratio", "number"],
    "mlscanner.models.model_base": ["Model.fit", "Model.predict", "Model.save"],
    "mlscanner.models.saved_model": ["SavedModel.predict", "SavedModel.near"],
}


def public(module):
    """(name, object) of the functions, classes, methods and properties that a module defines."""
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(thing) or inspect.isfunction(thing):
            yield name, thing
        if inspect.isclass(thing):
            for part, method in vars(thing).items():
                if not part.startswith("_") and \
                        isinstance(method, property | staticmethod | classmethod | type(public)):
                    yield f"{name}.{part}", getattr(thing, part)


def test_every_public_name_says_what_it_is():
    """Each class, method and property has a docstring, its own or inherited; ruff asks the rest."""
    silent = [f"{name}.{part}" for name in NAMES
              for part, thing in public(importlib.import_module(name)) if not inspect.getdoc(thing)]
    assert not silent


def test_arrays_have_shapes():
    """A function that takes an array of points tells its shape, or its class does."""
    assert not [f"{name}: {part}" for name in NAMES for part in vague(name)]


def vague(name):
    """What in a module takes an array and does not say of which shape."""
    module = importlib.import_module(name)
    for part, thing in public(module):
        if name.startswith("mlscanner.plotting.") or not inspect.isroutine(thing) or \
                not ARRAYS & set(inspect.signature(thing).parameters):
            continue
        owner = getattr(module, part.partition(".")[0])
        text = f"{inspect.getdoc(thing)} {inspect.getdoc(owner)} {module.__doc__}"
        if not SHAPE.search(text):
            yield part


def test_the_api_has_types():
    """What is called from outside tells the types of what it takes and gives; mypy checks them."""
    for name, part in ((name, part) for name, parts in API.items() for part in parts):
        thing = importlib.import_module(name)
        for word in part.split("."):
            thing = getattr(thing, word)
        signature = inspect.signature(thing)
        assert signature.return_annotation is not inspect.Signature.empty, part
        bare = [p.name for p in signature.parameters.values()
                if p.annotation is inspect.Parameter.empty and p.name not in ("self", "points")]
        assert not bare, part
