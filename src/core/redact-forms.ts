// The shapes one secret takes on its way into a log: as it is, in an address, in a form, in JSON, in HTML, in base64.

/** Every form of a secret worth looking for, each at least a few characters long. */
export function formsOf(secret: string): readonly string[] {
  const wellFormed = secret.toWellFormed();
  const encoded = encodeURIComponent(wellFormed);
  const form = new URLSearchParams({ s: wellFormed }).toString().slice('s='.length);
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = [
    secret,
    ...[encoded, form, encodeURIComponent(encoded), encodeURIComponent(form), ...addressForms(wellFormed)].flatMap(
      (text) => [text, text.replace(/%[\dA-F]{2}/g, (byte) => byte.toLowerCase())],
    ),
    htmlForm(secret),
    json,
    JSON.stringify(json).slice(1, -1),
    ...base64Forms(wellFormed),
  ];
  return [...new Set(forms)];
}

/** Written into an address as it stands: each part of one leaves other signs as they are. */
function addressForms(secret: string): readonly string[] {
  const address = new URL('http://h/');
  address.username = secret;
  address.search = secret.replaceAll('#', '%23');
  const path = new URL('http://h/');
  path.pathname = `/${secret}`;
  const shown = [address.username, address.search.slice(1), path.pathname.slice(1)];
  // What an address takes away, such as dots and slashes at its rims, leaves too little to look for.
  return shown.filter((text) => text.length >= secret.length);
}

/** As the field of a form shows it when the form comes back. */
function htmlForm(secret: string): string {
  return secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Base64 shifts with what stands before the secret, as in `id:secret`: three alignments, each without its rims. */
function base64Forms(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].flatMap((before) => {
    const padded = String.fromCharCode(...Array.from({ length: before }, () => 0), ...bytes);
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    const base64 = btoa(padded).slice(first, last);
    return [base64, base64.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(base64)];
  });
}
