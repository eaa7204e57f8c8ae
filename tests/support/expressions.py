"""Every regular expression of the packages, and texts that are made to cost each of them most.

An expression is found as a module's global, also within its tables, or as a literal in a call of
`re`. The texts are built from its parse tree: what precedes each repetition, the repeated part many
times, and something that does not fit; and the beginnings alone, many times.
"""

import ast
import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]
from typing import Any

PACKAGES = (
    "bri_kit bri_retrieval bri_harvesting bri_exchange bri_pages bri_node bri_client bri_cli"
    " bri_hub bri_search bri_sco bri_asean"
).split()
LENGTH = 20_000
SECONDS = 0.1
"""Linear work on LENGTH characters takes a tenth of it, quadratic work several times as much."""
MOST = 1
_MANY = 100
_ANCHORED = {"match", "fullmatch"}
_TABLES_OF_WHOLES = {"bri_kit.html_proof:_ATTRIBUTES", "bri_pages.desk:_FAULTS"}
"""Tables whose expressions are used by `fullmatch` alone."""
_UNITS = (
    *" \n\ta1<>&\"'[](.-_/:=中\u00a0",
    *("ab", "a.", "Aa ", "1,", "<a ", "</", "&nbsp;", "<!--[if", "a=", "a\n", "://", "<a>", "a-"),
)


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression, where it stands, and whether it is only ever used from a text's beginning."""

    module: str
    name: str
    pattern: re.Pattern[Any]
    is_anchored: bool


class TooSlow(Exception):
    """An expression took longer than a linear one would."""


def modules() -> Iterator[str]:
    """All modules of our packages."""
    for package in PACKAGES:
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            continue
        yield package
        for found in pkgutil.walk_packages(spec.submodule_search_locations, f"{package}."):
            if ".migrations" not in found.name and not found.name.endswith("__main__"):
                yield found.name


def collect() -> list[Expression]:
    """All expressions, each once."""
    found: dict[tuple[str, int], Expression] = {}
    for name in modules():
        module = importlib.import_module(name)
        source = module.__spec__.loader.get_source(name) if module.__spec__ else ""  # type: ignore[union-attr]
        tree = ast.parse(source or "")
        own = {
            target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        for variable, value in vars(module).items():
            if variable not in own:
                continue
            methods = set(re.findall(rf"\b{re.escape(variable)}\.(\w+)", source or ""))
            anchored = bool(methods) and methods <= _ANCHORED
            anchored = anchored or f"{name}:{variable}" in _TABLES_OF_WHOLES
            for pattern in _patterns(value):
                key = (str(pattern.pattern), int(pattern.flags))
                found.setdefault(key, Expression(name, variable, pattern, anchored))
        known = {pattern for pattern, _ in found}
        for pattern, method in _literals(tree):
            if str(pattern.pattern) in known:  # a global of that name, with its flags
                continue
            key = (str(pattern.pattern), int(pattern.flags))
            found.setdefault(key, Expression(name, "", pattern, method in _ANCHORED))
    return sorted(found.values(), key=_place)  # sets are in another order in each process


def _place(each: Expression) -> tuple[str, str, str]:
    return each.module, each.name, str(each.pattern.pattern)


def _patterns(value: object, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, tuple | list | set | frozenset):
        for each in value:
            yield from _patterns(each, depth - 1)
    elif depth and isinstance(value, dict):
        for each in value.values():
            yield from _patterns(each, depth - 1)


def _literals(tree: ast.AST) -> Iterator[tuple[re.Pattern[Any], str]]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str | bytes)
            and node.func.attr != "escape"
        ):
            yield re.compile(node.args[0].value), node.func.attr


def check(expression: Expression) -> None:
    """Have an expression read the texts that would cost it most. Raises TooSlow."""
    for make in _texts(expression.pattern):
        spent = _measure(expression, make(LENGTH))
        # A busy machine slows both alike: what is linear takes a quarter of it for a quarter.
        if spent > SECONDS and (
            spent > 0.9 * MOST or spent > 8 * _measure(expression, make(LENGTH // 4))
        ):
            raise TooSlow(f"{make(40)!r}… took {spent:.1f} s")


def _measure(expression: Expression, text: str) -> float:
    """The seconds of processor time that reading `text` takes, at most two."""
    data: Any = text.encode() if isinstance(expression.pattern.pattern, bytes) else text
    begun = time.process_time()
    before = signal.signal(signal.SIGVTALRM, _interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST)
    try:
        if expression.is_anchored:
            expression.pattern.match(data)
            expression.pattern.fullmatch(data)
        else:
            for _ in expression.pattern.finditer(data):
                pass
    except TimeoutError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return time.process_time() - begun


def _interrupt(_number: int, _frame: object) -> None:
    raise TimeoutError


def _texts(pattern: re.Pattern[Any]) -> Iterator[Callable[[int], str]]:
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    tree = _parser.parse(text, pattern.flags & ~re.UNICODE & ~re.LOCALE)
    seen: set[tuple[str, str, str]] = set()
    units = [("", unit) for unit in _UNITS]
    for prefix, unit in _repetitions(tree, ""):
        units += [(prefix, unit), ("", prefix + unit), ("", prefix or unit)]
    for prefix, unit in units:
        for suffix in ("", "\x00"):
            if unit and (prefix, unit, suffix) not in seen:
                seen.add((prefix, unit, suffix))
                yield _many(prefix, unit, suffix)


def _many(prefix: str, unit: str, suffix: str) -> Callable[[int], str]:
    return lambda length: prefix + unit * (length // len(unit)) + suffix


def _repetitions(tree: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """What comes before each repetition of a tree, and what it repeats."""
    for operation, argument in tree:
        name = str(operation)
        if name.endswith("REPEAT"):
            least, most, body = argument
            if most > _MANY:
                for variant in range(3):
                    yield prefix, _sample(body, variant)
            yield from _repetitions(body, prefix)
            prefix += _sample(body, 0) * min(max(least, 1), 8)
        elif name == "SUBPATTERN":
            yield from _repetitions(argument[-1], prefix)
            prefix += _sample(argument[-1], 0)
        elif name == "ATOMIC_GROUP":
            yield from _repetitions(argument, prefix)
            prefix += _sample(argument, 0)
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from _repetitions(branch, prefix)
            prefix += _sample(argument[1][0], 0)
        elif not name.startswith("ASSERT"):
            prefix += _one((operation, argument), tree, 0)


def _sample(tree: Any, variant: int) -> str:
    """A text that a tree matches, of a few that differ."""
    found = ""
    for operation, argument in tree:
        name = str(operation)
        if name.endswith("REPEAT"):
            least, _, body = argument
            found += _sample(body, variant) * min(max(least, 1), 8)
        elif name == "SUBPATTERN":
            found += _sample(argument[-1], variant)
        elif name == "ATOMIC_GROUP":
            found += _sample(argument, variant)
        elif name == "BRANCH":
            found += _sample(argument[1][variant % len(argument[1])], variant)
        elif not name.startswith("ASSERT"):
            found += _one((operation, argument), tree, variant)
    return found


def _one(node: Any, tree: Any, variant: int) -> str:
    """A character that a node matches; none for what matches a place."""
    operation, argument = node
    if operation is _constants.LITERAL:
        return chr(argument)
    if operation in (_constants.AT, _constants.GROUPREF):
        return ""
    alone = _compiler.compile(_parser.SubPattern(tree.state, [node]))
    candidates: Sequence[str] = [*'a 1-<A.\n"&中б=/', *_members(argument)]
    fitting = [each for each in candidates if alone.fullmatch(each)]
    return fitting[variant % len(fitting)] if fitting else ""


def _members(argument: Any) -> Iterator[str]:
    for operation, value in argument if isinstance(argument, list) else ():
        if operation is _constants.LITERAL:
            yield chr(value)
        elif operation is _constants.RANGE:
            yield chr(value[0])
