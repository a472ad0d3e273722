"""The officer's page as text: its parts stand beside this file, and nothing comes from anywhere else."""

from __future__ import annotations

from html import escape
from pathlib import Path

from lapel.alert.markup import PALETTE
from lapel.alert.words import HEADLINE, NOT_PROOF, plain

_HERE = Path(__file__).parent
STYLE = PALETTE + (_HERE / "page.css").read_text(encoding="utf-8")
SCRIPT = (_HERE / "page.js").read_text(encoding="utf-8")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def pairing_page(trouble: str) -> str:
    """What a phone sees that is not paired. ``trouble`` says why it was not, empty at first."""
    said = f'<p class="alarm" role="alert">{escape(plain(trouble))}</p>\n' if trouble else ""
    return _document(
        "Pair this phone",
        "",
        f"""<main>
<h1>Pair this phone</h1>
<p>It is not paired with this device, or not any more. The device shows a code: <code>lapel companion --pair</code>.
Compare the fingerprint that it shows with that of the certificate in this browser.</p>
{said}<form method="post" action="/pair">
<label for="code">Code of the device</label>
<input class="code" id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="16">
<label for="name">Your name or number</label>
<input id="name" name="name" autocomplete="off" required maxlength="60" aria-describedby="name-why">
<p class="quiet" id="name-why">It stands with each of your answers, in records that cannot be changed.</p>
<button type="submit">Pair</button>
</form>
</main>""",
    )


def main_page(secret: str, by: str) -> str:
    """What the paired phone sees; ``secret`` goes with all that it does."""
    head = f'<meta name="lapel-page" content="{escape(secret)}">\n<script src="/page.js" defer></script>\n'
    text = (_HERE / "page.html").read_text(encoding="utf-8")
    words = {"{headline}": HEADLINE, "{not_proof}": NOT_PROOF, "{by}": plain(by)}
    for mark, said in words.items():
        text = text.replace(mark, escape(said))
    return _document("Lapel", head, text)


def _document(title: str, head: str, body: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<link rel="stylesheet" href="/page.css">\n'
        f"{head}</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
