"""No flow is made without its entries of the audit trail on its page."""

import ast
from pathlib import Path

import therapyflows.flows

FLOWS = sorted(Path(therapyflows.flows.__file__).parent.glob("*.py"))


def decorators(function: ast.AST) -> list[str]:
    assert isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef)
    called = [each.func if isinstance(each, ast.Call) else each for each in function.decorator_list]
    return [each.id for each in called if isinstance(each, ast.Name)]


def test_every_flow_shows_its_entries() -> None:
    functions = [
        node
        for file in FLOWS
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and "flow" in decorators(node)
    ]
    assert len(functions) >= 7
    assert [f.name for f in functions if decorators(f)[:2] != ["flow", "shows_its_entries"]] == []
