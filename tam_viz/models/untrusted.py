"""Reading a stranger's file of weights: its tensors, and nothing that could run.

Three walls stand one behind the other. The opcodes of the pickle are read without obeying them,
and a file that names what runs code, or claims more bytes than it has, goes no further. What is
left is loaded by `torch.load(weights_only=True)`. Names of foreign classes that it does not know
(training logs, settings) stand for empty shells there: they take what they are given and do
nothing.
"""

from __future__ import annotations

import _compat_pickle
import io
import mmap
import pickle
import pickletools
import sys
import threading
import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any, cast

import safetensors
import torch
from safetensors.torch import load_file
from torch import Tensor

from tam_viz.models.published.catalogue import LIMIT_BYTES
from tam_viz.models.states import WeightsFile, found_in
from tam_viz.types import UserError

_LOCK = threading.Lock()  # the names that torch is told of are those of the whole process
_PICKLE_BYTES = 256 * 2**20
_ZIP, _PICKLE = b"PK\x03\x04", b"\x80"
_LEGACY_PICKLES = 4
"""Of the old format: a mark, a version, facts of the machine, and the object."""

_PLAIN = {
    f"{module}.{name}"
    for module in ("builtins", "__builtin__")
    for name in (
        *("bytearray", "complex", "dict", "frozenset", "getattr", "list", "object", "range"),
        *("set", "slice", "tuple", "xrange"),
    )
} | {"types.SimpleNamespace"}
_PLAIN_MODULES = {
    *("_codecs", "argparse", "array", "collections", "copy_reg", "copyreg", "datetime"),
    *("decimal", "enum", "fractions", "pathlib", "pathlib._local", "typing", "uuid"),
}
"""Of the standard library: what training scripts leave behind; none of it is called."""

_ARRAYS = frozenset(["_frombuffer", "_reconstruct", "dtype", "ndarray", "scalar"])
_TORCH_THAT_RUNS = ("torch.hub", "torch.jit", "torch.package", "torch.utils")


def read_tensors(path: Path) -> WeightsFile:
    """The sets of weights in a `.pth`, `.pth.tar`, `.pt` or `.safetensors` file, told by its bytes.

    Raises:
        UserError: It is none of these, is damaged, holds no weights, claims more than it has, or
            was made to run code; nothing has been run then.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise UserError(f"'{path.name}' cannot be read ({error.strerror}).") from error
    if size > LIMIT_BYTES:
        raise UserError(
            f"'{path.name}' has {size / 2**30:.1f} GiB; files of weights up to "
            f"{LIMIT_BYTES / 2**30:.0f} GiB are opened."
        )
    if start[8:9] == b"{":
        return found_in(path.name, _safetensors(path))
    if start[:4] != _ZIP and start[:1] != _PICKLE:
        raise UserError(
            f"'{path.name}' is not a file of weights: expected what torch.save or safetensors "
            f"writes, and it begins with {start[:4]!r}."
        )
    foreign = _scan(path, size, zipped=start[:4] == _ZIP)
    return found_in(path.name, _load(path, foreign, zipped=start[:4] == _ZIP))


def _safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (safetensors.SafetensorError, ValueError) as error:
        raise UserError(f"'{path.name}' is damaged ({error}); fetch it again.") from error


def _scan(path: Path, size: int, *, zipped: bool) -> set[str]:
    """Names of the foreign classes that the pickles of a file speak of; see the module."""
    try:
        if zipped:
            with zipfile.ZipFile(path) as archive:
                main = archive.read(_main_pickle(path, archive))
            return _globals(path, io.BytesIO(main), size, pickles=1)
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            return _globals(path, view, size, pickles=_LEGACY_PICKLES)
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, IndexError, OverflowError) as error:
        raise UserError(
            f"'{path.name}' is damaged or cut short ({error}); fetch it again."
        ) from error


def _main_pickle(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The pickle of an archive whose entries are whole and no larger than they are there."""
    entries = archive.infolist()
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise UserError(
                f"'{path.name}' is a compressed archive, which torch.save does not write; unpack "
                f"it, and give the file of weights inside."
            )
    if sum(entry.file_size for entry in entries) > path.stat().st_size:
        raise UserError(f"'{path.name}' claims more bytes than it has; it is refused.")
    pickles = [entry for entry in entries if entry.filename.split("/")[-1] == "data.pkl"]
    if len(pickles) != 1 or pickles[0].file_size > _PICKLE_BYTES:
        raise UserError(
            f"'{path.name}' is an archive, but not one of weights: expected one data.pkl in it, "
            f"as torch.save writes."
        )
    broken = archive.testzip()
    if broken is not None:
        raise UserError(
            f"'{path.name}' is damaged: the checksum of {broken!r} in it is wrong; fetch it again."
        )
    return pickles[0]


def _globals(path: Path, file: io.BytesIO | mmap.mmap, size: int, pickles: int) -> set[str]:
    foreign: set[str] = set()
    claimed = 0
    for _ in range(pickles):
        number = 0
        for opcode, argument, _ in pickletools.genops(cast("IO[bytes]", file)):
            if opcode.name in ("GLOBAL", "INST") and isinstance(argument, str):
                name = argument.replace(" ", ".", 1)
                if _runs_code(name) or _runs_code(_renamed(name)):
                    raise UserError(
                        f"'{path.name}' was made to run code when it is opened ({name}). It is "
                        f"refused, and nothing of it has been run."
                    )
                foreign.add(name)
            elif isinstance(argument, int) and opcode.name not in _MEMO:
                number = argument
            elif opcode.name == "BINPERSID":  # of a storage; its length was pushed last
                claimed += number
            elif opcode.name in ("STACK_GLOBAL", "EXT1", "EXT2", "EXT4", "PERSID"):
                raise UserError(
                    f"'{path.name}' is written in a form of pickle that hides what it names; "
                    f"save it again with torch.save as it is by default, or as safetensors."
                )
    if claimed > 4 * size:
        raise UserError(
            f"'{path.name}' claims to hold {claimed:,} values and has {size:,} bytes; it is "
            f"refused."
        )
    return foreign


_MEMO = {
    *("PUT", "BINPUT", "LONG_BINPUT", "GET", "BINGET", "LONG_BINGET"),
    *("PROTO", "FRAME", "MEMOIZE"),
}


def _runs_code(name: str) -> bool:
    """True for what a file of weights has no honest use for."""
    module, _, attribute = name.rpartition(".")
    package = module.split(".")[0]
    if name in _PLAIN or module in _PLAIN_MODULES:
        return False
    if package == "numpy":
        return attribute not in _ARRAYS and not module.endswith("dtypes")
    if package == "torch":
        return name == "torch.serialization.load" or module.startswith(_TORCH_THAT_RUNS)
    return package in sys.stdlib_module_names or package == "__builtin__"


class _Shell:
    """What stands for a foreign object: takes anything, keeps nothing, does nothing."""

    def __new__(cls, *_: object, **__: object) -> object:  # type: ignore[misc]  # a shell
        return object.__new__(cls)

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __setstate__(self, _: object) -> None:
        pass


class _Filled:
    """The same for a class that is filled like a dictionary; torch fills only those it knows."""

    def __new__(cls, *_: object, **__: object) -> object:  # type: ignore[misc]  # on purpose
        return OrderedDict()


def _load(path: Path, foreign: set[str], *, zipped: bool) -> object:
    """The object of a file, foreign ones in it as shells.

    Whether a foreign class is filled like a dictionary only shows when it is; then all of the
    file are taken to be so.
    """
    try:
        return _load_with(path, dict.fromkeys(foreign, _Shell), zipped=zipped)
    except pickle.UnpicklingError:
        pass
    try:
        return _load_with(path, dict.fromkeys(foreign, _Filled), zipped=zipped)
    except pickle.UnpicklingError as error:
        reason = str(error).strip().splitlines()[-1]
        raise UserError(
            f"'{path.name}' cannot be opened without running code in it ({reason[:200]}); nothing "
            f"of it "
            f"has been run. Save its state dict alone and give that."
        ) from error


def _load_with(path: Path, shells: dict[str, type], *, zipped: bool) -> object:
    if "collections.defaultdict" in shells:
        shells["collections.defaultdict"] = _Filled
    named: list[Any] = [
        (shell, new) for old, shell in shells.items() for new in {old, _renamed(old)}
    ]
    try:
        with _LOCK, torch.serialization.safe_globals(named), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a pickle protocol that is not the usual one
            return torch.load(path, map_location="cpu", weights_only=True, mmap=zipped or None)
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # a damaged file may make torch's reader fail in any way
        raise UserError(
            f"'{path.name}' is damaged or cut short ({type(error).__name__}: {str(error)[:200]}); "
            f"fetch it again."
        ) from error


def _renamed(name: str) -> str:
    """What Python 3 calls something that old protocols write by its name in Python 2."""
    module, _, attribute = name.rpartition(".")
    if (module, attribute) in _compat_pickle.NAME_MAPPING:
        return ".".join(_compat_pickle.NAME_MAPPING[module, attribute])
    return f"{_compat_pickle.IMPORT_MAPPING.get(module, module)}.{attribute}"
