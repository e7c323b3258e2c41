"""What the fence of a document is called: its language, by its name or its first line."""

import re
from pathlib import PurePath

_EXTENSIONS = {
    "ada": "adb ads",
    "asm": "asm s",
    "awk": "awk",
    "bash": "bash bats ebuild zsh",
    "bat": "bat cmd",
    "bibtex": "bib",
    "c": "c h",
    "clojure": "clj cljc cljs edn",
    "cmake": "cmake",
    "cpp": "c++ cc cpp cxx hh hpp hxx inl ino",
    "csharp": "cs csx",
    "css": "css",
    "csv": "csv",
    "cuda": "cu cuh",
    "dart": "dart",
    "diff": "diff patch",
    "dockerfile": "dockerfile containerfile",
    "dot": "dot gv",
    "elixir": "ex exs",
    "elm": "elm",
    "erlang": "erl hrl",
    "fish": "fish",
    "fortran": "f f90 f95 for",
    "fsharp": "fs fsi fsx",
    "glsl": "frag glsl vert",
    "go": "go",
    "gradle": "gradle",
    "graphql": "gql graphql",
    "groovy": "groovy",
    "haskell": "hs lhs",
    "hcl": "hcl tf tfvars",
    "html": "asp aspx ejs erb hbs htm html j2 jinja jinja2 liquid mustache njk twig xhtml",
    "ini": "cfg cnf conf desktop editorconfig ini properties service",
    "java": "java",
    "javascript": "cjs js mjs",
    "json": "geojson ipynb json json5 jsonc webmanifest",
    "jsonl": "jsonl ndjson",
    "jsx": "jsx",
    "julia": "jl",
    "kotlin": "kt kts",
    "latex": "cls latex sty tex",
    "less": "less",
    "lisp": "cl el lisp lsp",
    "lua": "lua",
    "makefile": "mak mk",
    "markdown": "markdown md mdown mdx",
    "matlab": "m",
    "nim": "nim",
    "nix": "nix",
    "objectivec": "mm",
    "ocaml": "ml mli",
    "pascal": "dpr pas pp",
    "perl": "pl pm t",
    "php": "php phtml",
    "powershell": "ps1 psd1 psm1",
    "prolog": "pro",
    "protobuf": "proto",
    "python": "py pyi pyw pyx",
    "r": "r rmd",
    "rst": "rst",
    "ruby": "gemspec rake rb ru",
    "rust": "rs",
    "sass": "sass",
    "scala": "sbt sc scala",
    "scheme": "scm ss rkt",
    "scss": "scss",
    "sh": "ksh sh",
    "solidity": "sol",
    "sql": "sql",
    "svelte": "svelte",
    "swift": "swift",
    "tcl": "tcl",
    "toml": "toml",
    "tsv": "tab tsv",
    "tsx": "tsx",
    "typescript": "cts mts ts",
    "typst": "typ",
    "verilog": "sv svh v",
    "vhdl": "vhd vhdl",
    "vim": "vim",
    "vue": "vue",
    "wasm": "wat",
    "xml": "csproj drawio fxml plist rss svg wsdl xaml xml xsd xsl xslt",
    "yaml": "yaml yml",
    "zig": "zig",
}
_NAMES = {
    "bash": ".bashrc .bash_profile .profile .zshrc .zprofile PKGBUILD APKBUILD",
    "cmake": "CMakeLists.txt",
    "dockerfile": "Dockerfile Containerfile",
    "gitignore": ".gitignore .dockerignore .ignore .npmignore",
    "go": "go.mod",
    "ini": ".gitconfig .gitmodules .editorconfig .npmrc",
    "json": ".babelrc .eslintrc .prettierrc composer.lock",
    "makefile": "Makefile makefile GNUmakefile",
    "groovy": "Jenkinsfile",
    "python": "SConstruct SConscript BUILD BUILD.bazel",
    "ruby": "Gemfile Rakefile Vagrantfile Podfile Brewfile",
    "sh": ".env",
    "toml": "Cargo.lock Pipfile poetry.lock uv.lock",
    "vim": ".vimrc",
}
_INTERPRETERS = {
    "bash": "bash zsh",
    "sh": "sh dash ksh ash",
    "fish": "fish",
    "python": "python pypy",
    "javascript": "node nodejs deno bun",
    "perl": "perl",
    "ruby": "ruby",
    "php": "php",
    "lua": "lua luajit",
    "awk": "awk gawk mawk",
    "r": "Rscript",
    "tcl": "tclsh wish",
    "powershell": "pwsh",
}


def _turned(table: dict[str, str]) -> dict[str, str]:
    return {word: language for language, words in table.items() for word in words.split()}


_BY_EXTENSION = _turned(_EXTENSIONS)
_BY_NAME = _turned(_NAMES)
_BY_INTERPRETER = _turned(_INTERPRETERS)
_SHEBANG = re.compile(
    r"#!\s{0,8}(?:\S{0,200}/)?([A-Za-z]+)[0-9.]*(?:\s+(?:-\S{1,20}\s+){0,3}([A-Za-z]+)|\s|$)"
)


def language_of(name: str, start: str = "") -> str:
    """The language of a file; empty for prose and for what nobody knows.

    Args:
        name: of the file; folders before it do not matter.
        start: its first characters, for what interpreter a script names.
    """
    path = PurePath(name)
    known = _BY_NAME.get(path.name) or _BY_EXTENSION.get(path.suffix[1:].lower())
    if known or not start.startswith("#!"):
        return known or ("dockerfile" if path.name.startswith("Dockerfile.") else "")
    found = _SHEBANG.match(start[:300].split("\n", 1)[0])
    if found is None:
        return ""
    return _BY_INTERPRETER.get(found[2] if found[1] == "env" else found[1], "")
