"""Publishes by FFmpeg's WHIP client, as a process of its own: its muxer holds up all other threads.

Arguments: the address, a folder for its certificate, and options of the H.264 encoder as JSON. Ends when killed.
"""

import fractions
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

FPS = 20


def publish(address: str, folder: Path, options: dict[str, str]) -> None:
    """A picture of changing grey and a rough tone, without end."""
    certificate, key = _identity(folder)
    whip = {"authorization": "publish l1 o1/v1", "cert_file": certificate, "key_file": key}
    with av.open(address, "w", format="whip", container_options=whip) as output:
        picture = output.add_stream("libx264", rate=FPS)
        picture.width, picture.height, picture.pix_fmt = 320, 240, "yuv420p"
        picture.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "10", **options}
        sound = output.add_stream("libopus", rate=48_000, layout="stereo")
        began, number, samples = time.monotonic(), 0, 0
        while True:
            time.sleep(max(0.0, began + number / FPS - time.monotonic()))
            frame = av.VideoFrame(320, 240, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([number % 256]) * plane.buffer_size)
            frame.pts, frame.time_base = number, fractions.Fraction(1, FPS)
            number += 1
            output.mux(picture.encode(frame))
            while samples < number * 48_000 // FPS:
                heard = av.AudioFrame("flt", "stereo", 960)
                heard.planes[0].update(bytes(range(64)) * (heard.planes[0].buffer_size // 64))
                heard.pts, heard.sample_rate, heard.time_base = samples, 48_000, fractions.Fraction(1, 48_000)
                samples += 960
                output.mux(sound.encode(heard))


def _identity(folder: Path) -> tuple[str, str]:
    """A certificate of P-256: with the one that it makes by itself, FFmpeg and GnuTLS shake no hands."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "encoder")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(7).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
    )
    (folder / "cert.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(folder / "cert.pem"), str(folder / "key.pem")


if __name__ == "__main__":
    publish(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))
