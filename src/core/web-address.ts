// What an address of the web looks like, wherever one is given: in the environment, in a job.

/** With both slashes: the URL parser itself would take `http:example.com` too. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text.trim()) && URL.canParse(text.trim());
}
