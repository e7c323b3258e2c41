"""What is told of keys in files: that they are there, in which line, never what they are."""

import time

import pytest

from chat_tui.core.attachments.secrets import name_warnings, secrets_in

KEY = "looks like an access key"
PASSWORD = "seems to have a password"
SECRETS = [
    ("a.py", 'password = "hunter2!"', PASSWORD),
    ("a.py", "'db_passwd': 'x9_y8_z7'", PASSWORD),
    ("a.yaml", "password: correct", PASSWORD),
    ("a.env", "export DB_PASSWORD=correct", PASSWORD),
    ("notes.txt", "postgres://me:s3cr3t@db.example/x", PASSWORD),
    ("a.py", 'API_KEY = "abcd1234efgh5678ijkl"', KEY),
    ("a.js", "const apiKey = `abcd1234efgh5678ijkl`", KEY),
    ("a.md", "curl -H 'Authorization: Bearer abcdEFGH12345678ijklMN'", KEY),
    ("a.py", "client = OpenAI('sk-proj-abcDEF0123456789ghijKL')", KEY),
    ("a.tf", "AKIAIOSFODNN7ABCDEFG", KEY),
    ("a.ini", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYABCDEFGHI", KEY),
    ("a.sh", "git clone https://x:ghp_0123456789abcdefghijABCDEFGHIJ012345@h/r", PASSWORD),
    ("a.txt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.dozjgNryP4J3jVmNHl0w5N_X", KEY),
    ("a.txt", f"-----BEGIN OPENSSH PRIVATE KEY-----\n{'b3Bl' * 16}", "begins a private key"),
    ("a.json", '{"k": "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0"}', "private key"),
]
HARMLESS = [
    ("a.py", "password = get_password()\ntoken: Token = next(tokens)\nmax_tokens = 40_960_000"),
    ("a.py", 'password = ""\npassword="${DB_PASSWORD}"\nsecret = os.environ["SECRET_1234"]'),
    ("a.py", 'label("password", "Enter your password: 8 letters")\nPASSWORD = "password"'),
    ("a.env", "API_KEY=\nTOKEN=your-api-key-here\nSECRET=<secret>\nPASSWORD=changeme\nKEY=xxxx"),
    (
        "a.md",
        "sk-...\nSet OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxx\ntask-abcdef0123456789abcdef01",
    ),
    ("a.py", '"-----BEGIN PRIVATE KEY-----" in text\nhttp://user:password@host\nhttps://a:80/b@c'),
    ("a.json", '{"sha": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}'),
    ("a.css", ".token-key { color: red }\n.sk-spinner-container-in-the-large {}"),
]


@pytest.mark.parametrize(("name", "text", "words"), SECRETS)
def test_secret_is_told_by_its_line_alone(name: str, text: str, words: str) -> None:
    found = secrets_in(name, f"first\n{text}\nlast")
    assert found[-1].startswith("Line 2 ")
    assert words in found[-1]
    assert len(found) == 1 + (name == "a.env")


@pytest.mark.parametrize(("name", "text"), HARMLESS)
def test_what_only_resembles_a_secret_is_not_told(name: str, text: str) -> None:
    assert secrets_in("b" + name, text) == name_warnings("b" + name)


def test_many_lines_are_one_sentence_a_kind() -> None:
    line = 'password = "hunter2!"\n'
    assert secrets_in("a.py", line * 2 + SECRETS[5][1]) == (
        "Line 3 looks like an access key.",
        "Lines 1 and 2 seem to have passwords.",
    )
    assert secrets_in("a.py", "\n" * 999 + line * 9) == (
        "Lines 1,000, 1,001, 1,002 and 6 more seem to have passwords.",
    )
    assert secrets_in("a.py", line) == secrets_in("a.py", line)


def test_names_that_hold_secrets_are_told() -> None:
    told = [
        *(".env", ".ENV.local", "prod.env", "id_rsa", "server.pem", "my.key", ".netrc", ".npmrc"),
        *(".pypirc", "credentials", "deep/credentials.json", "kubeconfig", ".kube/config"),
        *("home/.ssh/work", ".bash_history", "a\\.aws\\credentials", "terraform.tfstate"),
    ]
    assert [name for name in told if not name_warnings(name)] == []
    harmless = [".env.example", "id_rsa.pub", ".ssh/config", "secrets.py", "environment", "key", ""]
    assert [name for name in harmless if name_warnings(name)] == []


@pytest.mark.parametrize(
    "text",
    ["token", "token= ", "a", "eyJ", "://a:b", "sk-" + "a" * 30, "-----BEGIN PRIVATE KEY-----\n"],
)
def test_time_is_bounded_whatever_the_text(text: str) -> None:
    began = time.process_time()
    secrets_in("a.env", text * (1_000_000 // len(text)))
    assert time.process_time() - began < 1.0
