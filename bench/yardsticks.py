"""
Measure the house against its own yardsticks: function and file lengths, docstrings not counted.

Exit 1 when a function is over 60 lines or a file over 500; median and p90 are printed.
"""

from __future__ import annotations

import ast
import statistics
import sys
from pathlib import Path

ROOMS = ("crawler", "spiders", "scheduler")
MAX_FUNCTION, MAX_FILE, MEDIAN, P90 = 60, 500, 8, 30


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function, clean=False) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return [(f"{path}:{node.lineno} {node.name}", length(node)) for node in found]


def main() -> int:
    files = sorted(path for room in ROOMS for path in Path(room).rglob("*.py"))
    measured = [row for path in files for row in functions(path)]
    lengths = sorted(lines for _, lines in measured)
    sizes = {str(path): path.read_text(encoding="utf-8").count("\n") for path in files}
    longest = max(sizes, key=lambda name: sizes[name])
    median, p90 = statistics.median(lengths), lengths[int(0.9 * len(lengths))]
    print(f"functions: {len(lengths)}, median {median:g} lines (<= {MEDIAN}), p90 {p90} (<= {P90})")
    print(f"files: {len(sizes)}, longest {longest} with {sizes[longest]} lines (<= {MAX_FILE})")
    wrong = [f"{name}: {lines} lines" for name, lines in measured if lines > MAX_FUNCTION]
    wrong += [f"{name}: {lines} lines" for name, lines in sizes.items() if lines > MAX_FILE]
    wrong += [f"median {median:g}"] * (median > MEDIAN) + [f"p90 {p90}"] * (p90 > P90)
    for line in wrong:
        print(f"too long: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
