"""Ed25519 (RFC 8032) by PyNaCl: one's own private key in a file, others' public keys as bytes."""

import os
from pathlib import Path

from nacl.exceptions import BadSignatureError, CryptoError
from nacl.signing import SigningKey, VerifyKey

KEY_BYTES = 32
SIGNATURE_BYTES = 64


class KeyFileUnreadable(Exception):
    """The key file does not hold the 32 bytes of a private key."""


class KeyFileMissing(KeyFileUnreadable):
    """There is no key file."""


def load_or_create(path: Path) -> SigningKey:
    """The private key in `path`, made and written there (mode 0600) where there is none.

    The file is created exclusively, so two processes that start at once end with one key.

    Raises:
        KeyFileUnreadable: the file holds something else.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(bytes(SigningKey.generate()))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
        sync_folder(path)
    return load(path)


def load(path: Path) -> SigningKey:
    """The private key in `path`, which is never made here.

    Raises:
        KeyFileMissing: there is no such file.
        KeyFileUnreadable: the file holds something else.
    """
    try:
        seed = path.read_bytes()
    except FileNotFoundError:
        raise KeyFileMissing(f"{path} is missing") from None
    if len(seed) != KEY_BYTES:
        raise KeyFileUnreadable(f"{path} holds {len(seed)} bytes instead of {KEY_BYTES}")
    return SigningKey(seed)


def sync_folder(path: Path) -> None:
    """Have the name of a file survive a power failure, after its content did."""
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sign(key: SigningKey, data: bytes) -> bytes:
    """The 64-byte signature of `data`."""
    return key.sign(data).signature


def public_key(key: SigningKey) -> bytes:
    """The 32 bytes that others verify with."""
    return bytes(key.verify_key)


def is_signed(public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether `signature` over `data` was made with the private half of `public`."""
    try:
        VerifyKey(public).verify(data, signature)
    except (BadSignatureError, CryptoError, ValueError, TypeError):
        return False
    return True
