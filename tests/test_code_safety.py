"""Properties of the code that no request can show: what it never does, in Python and in the browser."""

import ast
import re
from pathlib import Path

import pytest

from claims_app.models import User

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "claims_app"
SCRIPTS = {path.name: path.read_text() for path in (PROGRAM / "static").glob("*.js")}

RUN_TEXT = {"eval", "exec", "compile", "__import__"}
UNSAFE = {"pickle", "marshal", "shelve", "dill", "yaml", "subprocess", "pty", "telnetlib", "ftplib"}
UNSAFE_CALLS = {("os", "system"), ("os", "popen"), ("flask", "render_template_string")}


def trees() -> dict[str, ast.AST]:
    """Return the syntax tree of each module of the program."""
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in PROGRAM.rglob("*.py")}


def test_the_program_runs_no_text_and_no_other_program() -> None:
    found = []
    for name, tree in trees().items():
        for node in ast.walk(tree):
            modules: list[str] = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RUN_TEXT:
                found.append(f"{name}:{node.lineno} {node.func.id}")
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                modules = [f"{node.value.id}.{node.attr}"]
            unsafe = {".".join(pair) for pair in UNSAFE_CALLS} | UNSAFE
            found += [f"{name}:{node.lineno} {one}" for one in modules if one in unsafe]
    assert found == []


def test_cryptography_comes_from_the_standard_library() -> None:
    weak = re.compile(r"""\b(?:md5|sha1|DES|RC4|ECB)\b|["']none["']\s*#?\s*alg""")
    assert [name for name in SCRIPTS if weak.search(SCRIPTS[name])] == []
    ours = {"hashlib", "hmac", "secrets", "ssl", "werkzeug.security", "itsdangerous"}
    known = {"cryptography", "Crypto", "nacl", "rsa", "passlib", "bcrypt", *ours}
    used = {
        node.module if isinstance(node, ast.ImportFrom) else alias.name
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name for name in used if name in known} <= ours


def test_passwords_do_not_expire() -> None:
    assert [column.name for column in User.__table__.columns if "password" in column.name] == [
        "password_hash"
    ]


def test_scripts_insert_html_in_one_place() -> None:
    html = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment")
    assert [(name, len(html.findall(text))) for name, text in SCRIPTS.items() if html.search(text)] == [
        ("appraise.js", 1)
    ]


@pytest.mark.parametrize(
    "word", ["localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches."]
)
def test_scripts_keep_nothing_in_the_browser(word: str) -> None:
    assert [name for name, text in SCRIPTS.items() if word in text] == []


def test_scripts_merge_no_objects() -> None:
    pollution = re.compile(r"Object\.assign|__proto__|\.prototype\b|structuredClone")
    assert [name for name, text in SCRIPTS.items() if pollution.search(text)] == []


def test_no_script_hinders_pasting() -> None:
    events = re.compile(r"""onpaste|["'](?:paste|copy|cut)["']|type\s*=\s*["']password""")
    assert [name for name, text in SCRIPTS.items() if events.search(text)] == []


def test_no_script_runs_text_or_listens_to_other_pages() -> None:
    running = re.compile(r"\beval\(|new Function|postMessage|addEventListener\([\"']message[\"']")
    assert [name for name, text in SCRIPTS.items() if running.search(text)] == []
