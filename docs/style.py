"""Print the style figures of the repository, and fail when one passes its limit."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[1]
ROOMS = ("app", "node_daemon", "standalone", "bench", "dashboard")
SINGLE = ("config.py", "wsgi.py", "celery_worker.py")
LONGEST_FUNCTION, LONGEST_FILE = 40, 300
P90_FUNCTION, P90_FILE = 25, 200
LONGEST_VIEW, LONGEST_TASK = 12, 6

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> Iterator[Path]:
    """Every file of our own that ships or measures; tests have a style of their own."""
    for room in ROOMS:
        yield from sorted(path for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts)
    yield from (ROOT / name for name in SINGLE)


def functions(tree: ast.AST) -> Iterator[Function]:
    """All functions and methods, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function) -> int:
    """Lines from `def` to the last one."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def body_length(function: Function) -> int:
    """Lines of a view or task without its signature and docstring."""
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return (function.end_lineno or first.lineno) - first.lineno + 1


def annotated(function: Function) -> bool:
    """Whether the return and every argument but self and cls have a type."""
    arguments = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    return function.returns is not None and all(a.annotation or a.arg in {"self", "cls"} for a in arguments)


def broad_excepts(tree: ast.AST, text: list[str]) -> Iterator[tuple[int, bool]]:
    """The line of each broad except, and whether its reason stands on it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not _raises_again(node):
            yield node.lineno, " " in text[node.lineno - 1].partition("#")[2].strip()


def entrances(path: Path, tree: ast.AST) -> Iterator[tuple[str, int, int]]:
    """Views and tasks with their length and limit."""
    for function in functions(tree):
        names = {ast.unparse(decorator).partition("(")[0] for decorator in function.decorator_list}
        limit = LONGEST_VIEW if "allow" in names else LONGEST_TASK if "celery.task" in names else 0
        if limit:
            yield f"{path.relative_to(ROOT)}:{function.name}", body_length(function), limit


def main() -> int:
    """Measure, print, judge. Returns the exit code."""
    files: list[tuple[int, str]] = []
    lengths: list[tuple[int, str]] = []
    typed, faults, excepts = 0, [], 0
    for path in sources():
        text = path.read_text().splitlines()
        tree = ast.parse("\n".join(text))
        files.append((len(text), str(path.relative_to(ROOT))))
        found = list(functions(tree))
        lengths += [(length(f), f"{path.relative_to(ROOT)}:{f.name}") for f in found]
        typed += sum(map(annotated, found))
        faults += [f"{name} has {n} lines, at most {most}" for name, n, most in entrances(path, tree) if n > most]
        for line, reasoned in broad_excepts(tree, text):
            excepts += 1
            if not reasoned:
                faults.append(f"{path.relative_to(ROOT)}:{line} catches everything without a reason on the line")
    faults += _report("functions", lengths, P90_FUNCTION, LONGEST_FUNCTION)
    faults += _report("files", files, P90_FILE, LONGEST_FILE)
    print(f"annotated  {100 * typed / len(lengths):.1f} %   broad excepts {excepts}")
    print("\n".join(faults))
    return 1 if faults else 0


def _report(what: str, sizes: list[tuple[int, str]], p90_limit: int, limit: int) -> list[str]:
    counts = [count for count, _ in sizes]
    p90 = quantiles(counts, n=10)[-1]
    longest, name = max(sizes)
    print(f"{what:<10} {len(counts)}   median {median(counts):.0f}   p90 {p90:.0f}   longest {longest} ({name})")
    faults = [f"{name} has {count} lines, at most {limit}" for count, name in sizes if count > limit]
    return faults + ([f"p90 of {what} is {p90:.0f}, at most {p90_limit}"] if p90 > p90_limit else [])


def _is_broad(kind: ast.expr | None) -> bool:
    return kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"})


def _raises_again(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None


if __name__ == "__main__":
    sys.exit(main())
