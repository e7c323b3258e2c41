"""Whom secure connections trust, and why one failed, in words."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from chat_tui.core.errors import TlsError
from chat_tui.core.safety import clean_line

_CA_HINT = (
    "If a company's proxy or a server of your own is behind it, name its certificates as ca_file"
    " of the provider, or in SSL_CERT_FILE."
)
_CLOCK_HINT = "Check the clock of this computer; else the server's owner has to renew it."
_PORT_HINT = (
    "Check the port in the base URL; a server without certificates is reached with http://."
)
_HOST_HINT = "Check the host in the base URL: it must be the name that the certificate is for."
_OLD_HINT = "The server, or a proxy on the way, is too old or too new. Ask its owner."

# The numbers of OpenSSL's x509_vfy.h.
_EXPIRED, _NOT_YET, _SELF_SIGNED, _WRONG_HOST = (10,), (9,), (18,), (62, 64)
_UNKNOWN_AUTHORITY = (2, 19, 20, 21, 27)

_REASONS: Mapping[str, tuple[str, str]] = {
    "WRONG_VERSION_NUMBER": ("the port does not speak TLS", _PORT_HINT),
    "RECORD_LAYER_FAILURE": ("the port does not speak TLS", _PORT_HINT),
    "PACKET_LENGTH_TOO_LONG": ("the port does not speak TLS", _PORT_HINT),
    "HTTP_REQUEST": ("the port does not speak TLS", _PORT_HINT),
    "HTTPS_PROXY_REQUEST": ("the port does not speak TLS", _PORT_HINT),
    "UNEXPECTED_EOF_WHILE_READING": ("it hung up while keys were exchanged", _PORT_HINT),
    "TLSV1_ALERT_PROTOCOL_VERSION": ("it speaks no version of TLS that is safe", _OLD_HINT),
    "UNSUPPORTED_PROTOCOL": ("it speaks no version of TLS that is safe", _OLD_HINT),
    "SSLV3_ALERT_HANDSHAKE_FAILURE": ("it has no cipher in common with us", _OLD_HINT),
    "DH_KEY_TOO_SMALL": ("its keys are too short to be safe", _OLD_HINT),
    "EE_KEY_TOO_SMALL": ("its keys are too short to be safe", _OLD_HINT),
    "TLSV1_UNRECOGNIZED_NAME": ("it does not know this host name", _HOST_HINT),
    "SSLV3_ALERT_UNRECOGNIZED_NAME": ("it does not know this host name", _HOST_HINT),
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": (
        "it wants a certificate of the client",
        "That is not supported. Ask its owner for another way in.",
    ),
}


def tls_context(ca_file: str = "", environ: Mapping[str, str] = os.environ) -> ssl.SSLContext:
    """Whom to trust: making it costs 40 to 50 ms, so it is shared.

    Args:
        ca_file: certificates (PEM) in place of all others; `~` is the home folder.
        environ: `SSL_CERT_FILE` and `SSL_CERT_DIR` come before the system's certificates.

    Raises:
        TlsError: the certificates that were named cannot be read.
    """
    if ca_file:
        return _context("ca_file", file=ca_file)
    file, folder = environ.get("SSL_CERT_FILE", ""), environ.get("SSL_CERT_DIR", "")
    if file:
        return _context("SSL_CERT_FILE", file=file, folder=folder)
    if folder:
        return _context("SSL_CERT_DIR", folder=folder)
    context = ssl.create_default_context()
    trust_some(context, ssl.get_default_verify_paths().capath)
    return context


def trust_some(context: ssl.SSLContext, folder: str | None) -> None:
    """Trust Mozilla's list where the system has no certificates (python.org's Python on macOS).

    Args:
        context: with what the system has.
        folder: where the system keeps certificates as files, which are read when needed.
    """
    if context.cert_store_stats()["x509_ca"]:
        return
    if folder and Path(folder).is_dir() and any(Path(folder).iterdir()):
        return
    # Read only here: most systems have certificates.
    import certifi

    context.load_verify_locations(certifi.where())


def _context(source: str, *, file: str = "", folder: str = "") -> ssl.SSLContext:
    where = file or folder
    try:
        path = Path(where).expanduser()
        if not path.exists():
            raise FileNotFoundError
        if file and path.is_dir():
            raise IsADirectoryError
        return ssl.create_default_context(cafile=str(path) if file else None, capath=folder or None)
    except (OSError, ValueError, RuntimeError) as error:
        raise TlsError(
            f"The certificates of {source} ({clean_line(where)}) cannot be used:"
            f" {_why_unreadable(error)}.",
            hint=f"Correct {source}, or take it out to trust the system's certificates.",
        ) from None


def _why_unreadable(error: Exception) -> str:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "there is no such file"
        case IsADirectoryError():
            return "it is a folder"
        case PermissionError():
            return "the file may not be read"
        case ssl.SSLError():
            return "there are no certificates (PEM) in it"
        case OSError(strerror=str(words)):
            return words
        case _:
            return "that is no path"


def tls_error(error: ssl.SSLError, host: str) -> TlsError:
    """The error of a handshake that failed.

    Args:
        error: as the ssl module raised it.
        host: whom the connection was to.
    """
    happened, hint = _happened(error, host)
    return TlsError(f"No secure connection to {host}: {happened}.", hint=hint)


def _happened(error: ssl.SSLError, host: str) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        code = error.verify_code
        if code in _EXPIRED:
            return "its certificate has expired", _CLOCK_HINT
        if code in _NOT_YET:
            return "its certificate is not valid yet", _CLOCK_HINT
        if code in _WRONG_HOST:
            return f"its certificate is not for {host}", _HOST_HINT
        if code in _SELF_SIGNED:
            return "its certificate is signed by itself", _CA_HINT
        if code in _UNKNOWN_AUTHORITY:
            return "its certificate is from an authority that is not trusted", _CA_HINT
        words = clean_line(error.verify_message).rstrip(".")
        return f"its certificate is not valid ({words})", _CA_HINT
    if isinstance(error, ssl.SSLEOFError):
        return _REASONS["UNEXPECTED_EOF_WHILE_READING"]
    reason = getattr(error, "reason", None) or ""
    if reason in _REASONS:
        return _REASONS[reason]
    words = clean_line(reason).replace("_", " ").lower()
    return f"the encryption failed{f' ({words})' if words else ''}", _PORT_HINT
