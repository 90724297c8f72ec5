"""Password hashes of the first ProjectGenius."""

from django.contrib.auth.hashers import BCryptPasswordHasher

BCRYPT_LIMIT = 72


class TruncatingBCryptPasswordHasher(BCryptPasswordHasher):
    """Plain bcrypt, as adopted accounts have it, which reads 72 bytes of a password and no more.

    bcrypt 5 raises an error beyond that instead of cutting; the first ProjectGenius cut, so a longer
    password must go on working. A log-in turns the hash into our own kind.
    """

    def encode(self, password: str, salt: bytes) -> str:  # type: ignore[override]
        bcrypt = self._load_library()  # type: ignore[attr-defined]
        data: bytes = bcrypt.hashpw(password.encode()[:BCRYPT_LIMIT], salt)
        return f"{self.algorithm}${data.decode('ascii')}"
