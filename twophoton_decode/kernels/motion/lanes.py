"""Sixteen numbers worked on at once: what a vector register holds, as a number of compiled code.

Loops over arrays are vectorised by the compiler, but not where many arrays that might overlap
are read and written. Here vectors are written down: `load` gives sixteen numbers, which add,
subtract and multiply like one, and `store` puts them back. Called without numba, the same
functions work on arrays of sixteen.
"""
# mypy: disable-error-code="call-arg, no-untyped-call, no-untyped-def"

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, overload, register_model

LANES = 16
_FLOAT, _INTEGER, _SHORT = ir.FloatType(), ir.IntType(32), ir.IntType(16)
_FLOATS = ir.VectorType(_FLOAT, LANES)
_INTEGERS = ir.VectorType(_INTEGER, LANES)
_SHORTS = ir.VectorType(_SHORT, LANES)
_FAST = ("fast",)


class _LanesType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="Lanes")


_lanes = _LanesType()


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _FLOATS)


def load(values: np.ndarray, at: int) -> np.ndarray:
    """Sixteen values of a flat array of float32 or int16 from `at` on, as float32."""
    return values[at : at + LANES].astype(np.float32)


def store(values: np.ndarray, at: int, sixteen: np.ndarray) -> None:
    """Put sixteen numbers into a flat array of float32, or cut to whole ones into one of int16."""
    values[at : at + LANES] = sixteen


def within(sixteen: np.ndarray, low: np.float32, high: np.float32) -> np.ndarray:
    """Each number clipped to [low, high]."""
    return np.minimum(np.maximum(sixteen, low), high)


def inverse_root(sixteen: np.ndarray) -> np.ndarray:
    """One over the square root of each number."""
    return np.float32(1) / np.sqrt(sixteen)


def transpose(
    values: np.ndarray, at: int, step: int, turned: np.ndarray, to: int, turned_step: int
) -> None:
    """Sixteen rows of sixteen float32, one every `step`, become one column each."""
    rows = np.stack([values[at + n * step : at + n * step + LANES] for n in range(LANES)])
    for n in range(LANES):
        turned[to + n * turned_step : to + n * turned_step + LANES] = rows[:, n]


def sample(
    image: np.ndarray, at: int, width: int, row: np.ndarray, column: np.ndarray
) -> np.ndarray:
    """Bilinear samples at sixteen places of an image that begins `at`, in a flat array of int16.

    A row more than the image has, and one pixel, must follow it: they are read, though not seen.
    """
    rows, columns = row.astype(np.int32), column.astype(np.int32)
    down, right = row - rows.astype(np.float32), column - columns.astype(np.float32)
    place = at + rows * width + columns
    corners = [image[place + step].astype(np.float32) for step in (0, 1, width, width + 1)]
    return _between(corners, down, right, np.float32(1))


def _between(corners: Any, down: Any, right: Any, one: Any) -> Any:
    upper = corners[0] * ((one - down) * (one - right)) + corners[1] * ((one - down) * right)
    return upper + corners[2] * (down * (one - right)) + corners[3] * (down * right)


def _declare(operation: Any, instruction: str) -> None:
    pairs = [(_lanes, _lanes), (_lanes, types.float32), (types.float32, _lanes)]

    class Operation(ConcreteTemplate):
        cases = [signature(_lanes, *pair) for pair in pairs]  # noqa: RUF012

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*(_spread(builder, a) for a in args), flags=_FAST)

    infer_global(operation)(Operation)
    for pair in pairs:
        lower_builtin(operation, *pair)(lower)


def _spread(builder: Any, number: Any) -> Any:
    """A number as sixteen of it."""
    if isinstance(number.type, ir.VectorType):
        return number
    kind = ir.VectorType(number.type, LANES)
    alone = builder.insert_element(ir.Constant(kind, ir.Undefined), number, _INTEGER(0))
    return builder.shuffle_vector(alone, alone, _INTEGERS([0] * LANES))


_declare(operator.add, "fadd")
_declare(operator.sub, "fsub")
_declare(operator.mul, "fmul")


def _place(context: Any, builder: Any, kind: Any, array: Any, at: Any, width: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), width.as_pointer())


def _read(context: Any, builder: Any, kind: Any, array: Any, at: Any) -> Any:
    width = _FLOATS if kind.dtype == types.float32 else _SHORTS
    read = builder.load(_place(context, builder, kind, array, at, width))
    read.align = kind.dtype.bitwidth // 8
    return read if width == _FLOATS else builder.sitofp(read, _FLOATS)


def _write(context: Any, builder: Any, kind: Any, array: Any, at: Any, sixteen: Any) -> None:
    if kind.dtype == types.int16:
        sixteen = builder.trunc(builder.fptosi(sixteen, _INTEGERS), _SHORTS)
    written = builder.store(sixteen, _place(context, builder, kind, array, at, sixteen.type))
    written.align = kind.dtype.bitwidth // 8


@intrinsic
def _load(typing: Any, values: Any, at: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _read(context, builder, sig.args[0], *args)

    return _lanes(values, types.intp), build


@intrinsic
def _store(typing: Any, values: Any, at: Any, sixteen: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        _write(context, builder, sig.args[0], *args)
        return context.get_dummy_value()

    return types.void(values, types.intp, _lanes), build


@intrinsic
def _within(typing: Any, sixteen: Any, low: Any, high: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        value, least, most = (_spread(builder, each) for each in args)
        value = builder.select(builder.fcmp_ordered("<", value, least), least, value)
        return builder.select(builder.fcmp_ordered(">", value, most), most, value)

    return _lanes(_lanes, types.float32, types.float32), build


@intrinsic
def _inverse_root(typing: Any, sixteen: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = ir.FunctionType(_FLOATS, [_FLOATS])
        root = cgutils.get_or_insert_function(builder.module, kind, f"llvm.sqrt.v{LANES}f32")
        found = builder.call(root, args, fastmath=_FAST)
        return builder.fdiv(_spread(builder, _FLOAT(1)), found, flags=_FAST)

    return _lanes(_lanes), build


@intrinsic
def _transpose(
    typing: Any, values: Any, at: Any, step: Any, turned: Any, to: Any, turned_step: Any
) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values, at, step, turned, to, turned_step = args
        read, write = sig.args[0], sig.args[3]
        rows = []
        for n in range(LANES):
            place = builder.add(at, builder.mul(step, at.type(n)))
            rows.append(_read(context, builder, read, values, place))
        for n, row in enumerate(_columns(builder, rows)):
            place = builder.add(to, builder.mul(turned_step, to.type(n)))
            _write(context, builder, write, turned, place, row)
        return context.get_dummy_value()

    return types.void(values, types.intp, types.intp, turned, types.intp, types.intp), build


def _columns(builder: Any, rows: list[Any]) -> list[Any]:
    """The columns of sixteen rows: squares of half the side change places, and so on."""
    half = LANES // 2
    while half:
        upper = _INTEGERS([c if not c & half else LANES + c - half for c in range(LANES)])
        lower = _INTEGERS([c + half if not c & half else LANES + c for c in range(LANES)])
        for n in range(LANES):
            if not n & half:
                pair = rows[n], rows[n + half]
                rows[n] = builder.shuffle_vector(*pair, upper)
                rows[n + half] = builder.shuffle_vector(*pair, lower)
        half //= 2
    return rows


@intrinsic
def _sample(typing: Any, image: Any, at: Any, width: Any, row: Any, column: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        image, at, width, row, column = args
        rows, columns = (builder.fptosi(each, _INTEGERS) for each in (row, column))
        parts = [
            builder.fsub(each, builder.sitofp(whole, _FLOATS), flags=_FAST)
            for each, whole in ((row, rows), (column, columns))
        ]
        narrow = builder.trunc(width, _INTEGER)
        place = builder.add(builder.mul(rows, _spread(builder, narrow)), columns)
        start = context.make_array(sig.args[0])(context, builder, image).data
        start = builder.gep(start, [at])
        corners = []
        for row_start in (start, builder.gep(start, [width])):
            corners += _two_beside(builder, row_start, place)
        return _weighted(builder, corners, *parts)

    return _lanes(image, types.intp, types.intp, _lanes, _lanes), build


def _two_beside(builder: Any, start: Any, place: Any) -> list[Any]:
    """The values at sixteen places after `start` and those right of them, read as one each."""
    pairs = ir.Constant(_INTEGERS, ir.Undefined)
    for n in range(LANES):
        at = builder.gep(start, [builder.extract_element(place, _INTEGER(n))])
        both = builder.load(builder.bitcast(at, _INTEGER.as_pointer()))
        both.align = 2
        pairs = builder.insert_element(pairs, both, _INTEGER(n))
    sixteen_bits = _INTEGERS([16] * LANES)
    left = builder.ashr(builder.shl(pairs, sixteen_bits), sixteen_bits)
    return [builder.sitofp(each, _FLOATS) for each in (left, builder.ashr(pairs, sixteen_bits))]


def _weighted(builder: Any, corners: list[Any], down: Any, right: Any) -> Any:
    def times(a: Any, b: Any) -> Any:
        return builder.fmul(a, b, flags=_FAST)

    one = _spread(builder, _FLOAT(1))
    up, left = (builder.fsub(one, each, flags=_FAST) for each in (down, right))
    shares = times(up, left), times(up, right), times(down, left), times(down, right)
    total = times(corners[0], shares[0])
    for corner, share in zip(corners[1:], shares[1:], strict=True):
        total = builder.fadd(total, times(corner, share), flags=_FAST)
    return total


@overload(load)
def _(values, at):
    return lambda values, at: _load(values, at)


@overload(store)
def _(values, at, sixteen):
    return lambda values, at, sixteen: _store(values, at, sixteen)


@overload(within)
def _(sixteen, low, high):
    return lambda sixteen, low, high: _within(sixteen, low, high)


@overload(inverse_root)
def _(sixteen):
    return lambda sixteen: _inverse_root(sixteen)


@overload(transpose)
def _(values, at, step, turned, to, turned_step):
    return lambda values, at, step, turned, to, turned_step: _transpose(
        values, at, step, turned, to, turned_step
    )


@overload(sample)
def _(image, at, width, row, column):
    return lambda image, at, width, row, column: _sample(image, at, width, row, column)
