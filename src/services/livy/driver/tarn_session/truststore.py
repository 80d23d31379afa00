"""The trust store of a session's JVM: the machine's public authorities and the account's own.

Java reads neither PEM files nor AWS_CA_BUNDLE, so `keytool` (part of every Java) writes what it reads. One store per
authority certificate, kept beside it: made once, found ready afterwards.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile

PASSWORD = "changeit"  # Java wants one; what is inside is public.


def ensure(certificate, java_home, directory):
    """The path of a store that trusts `certificate` (a PEM file)."""
    with open(certificate, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()[:16]
    store = os.path.join(directory, f"trust-{digest}.p12")
    if os.path.exists(store):
        return store
    os.makedirs(directory, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=directory, suffix=".p12")
    os.close(handle)
    os.unlink(part)
    public = os.path.join(java_home, "lib", "security", "cacerts")
    if os.path.exists(public):
        shutil.copyfile(public, part)
    keytool = os.path.join(java_home, "bin", "keytool")
    line = [keytool, "-importcert", "-noprompt", "-alias", "tarn", "-file", certificate]
    done = subprocess.run(
        [*line, "-keystore", part, "-storepass", PASSWORD],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise OSError(
            f"keytool could not make the trust store of {certificate}: {done.stdout.strip()}"
        )
    os.replace(part, store)
    return store
