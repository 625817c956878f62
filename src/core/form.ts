// A form of a page as a browser would send it: hidden fields and defaults kept, the given fields filled in, in the page's
// charset. Pure: what comes out is an address and the options of a `get`. No given value stands in an error.
import { readLabel } from './charset-labels.ts';
import { ExtractError } from './errors.ts';
import { type Control, controlsOf, type FormElement } from './form-controls.ts';
import { encodeForm, encodeMultipart, encodePlain, type FormEntry, sendingCharset } from './form-encode.ts';
import { type Dom, isElement } from './html.ts';
import type { FormFields, FormOptions, Get, GetOptions } from './job.ts';
import type { Page } from './page.ts';
import { invalidSelector } from './page-missing.ts';

/** What a form needs of its page. */
export type FormPage = Pick<Page, 'url' | 'base' | 'charset' | '$'>;

export interface FormRequest {
  readonly url: string;
  readonly options: GetOptions;
}

type Fetch = (url: string | URL, options?: GetOptions) => Promise<Page>;

/**
 * Makes a `get` of a function, for testing a job without a network: `get.form` reads the form and asks the function for
 * what comes back. What the function throws goes through; a form, field or choice that the page has not is an
 * ExtractError. Nothing else of the network is there: no limit of time or size, no cookies, no retries.
 *
 * @example
 * const get = getOf(async (url) => pageOf(readFileSync('menu.html'), { url: String(url) }));
 * const items = job.extract(await job.fetch(get, run), run);
 */
export function getOf(fetch: Fetch): Get {
  const form = async (from: Page | string | URL, given: FormOptions = {}): Promise<Page> => {
    const { selector: _selector, fields: _fields, submit: _submit, ...options } = given;
    const page = typeof from === 'string' || from instanceof URL ? await fetch(from, options) : from;
    const request = readForm(page, given);
    const headers = { ...request.options.headers, ...options.headers };
    return fetch(request.url, { ...options, ...request.options, headers });
  };
  return Object.assign((url: string | URL, options?: GetOptions) => fetch(url, options), { form });
}

/** What is to be asked to send the form. Throws ExtractError: no such form, field, choice or button. */
export function readForm(page: FormPage, { selector, fields = {}, submit }: FormOptions): FormRequest {
  const form = findForm(page, selector, Object.keys(fields));
  const all = controlsOf(page.$, form);
  checkFields(page, all, fields);
  const pressed = findButton(page, all, submit);
  const attribute = (name: string): string | undefined =>
    pressed?.element.attribs[`form${name}`] ?? form.attr(name === 'action' ? 'action' : name);
  const charset = charsetOf(form, page.charset);
  const entries = all.flatMap((control, index) => entriesOf(page, { all, control, index, fields, pressed, charset }));
  return requestOf(page, { attribute, entries, charset });
}

function findForm(page: FormPage, selector: string | undefined, names: readonly string[]): FormElement {
  if (selector !== undefined) return findNamed(page, selector);
  const forms = page
    .$('form')
    .get()
    .map((form) => page.$(form));
  const fitting = forms.filter((form) => {
    const there = new Set(controlsOf(page.$, form).map(({ name }) => name));
    return names.every((name) => there.has(name));
  });
  const [first] = fitting;
  if (first !== undefined && fitting.length === 1) return first;
  const what = names.length === 0 ? '' : ` with the ${names.length === 1 ? 'field' : 'fields'} ${listOf(names)}`;
  if (first !== undefined)
    throw wrong(page, `there are ${fitting.length} forms${what}. Name one: selector: '${nameOf(first)}'.`);
  const shown = forms.slice(0, 5).map((form) => `'${nameOf(form)}' has ${listOf(namesOf(controlsOf(page.$, form)))}`);
  const instead = forms.length === 0 ? 'There is no form at all; a script may make it.' : `${shown.join('; ')}.`;
  throw wrong(page, `there is no form${what}. ${instead}`);
}

/** The form a selector names, or the one in or around what it names. */
function findNamed(page: FormPage, selector: string): FormElement {
  const found = select(page, selector);
  if (found.length === 0) throw wrong(page, `no element matches \`${selector}\`.`, selector);
  const near = found.closest('form');
  const form = near.length > 0 ? near : found.find('form').first();
  if (form.length === 0) throw wrong(page, `\`${selector}\` is neither a form nor in or around one.`, selector);
  return form;
}

function select(page: FormPage, selector: string): FormElement {
  try {
    return page.$(page.$(selector).get().filter(isElement).slice(0, 1));
  } catch (cause) {
    throw invalidSelector({ url: page.url, $: page.$ as Dom }, selector, cause);
  }
}

function checkFields(page: FormPage, all: readonly Control[], fields: FormFields): void {
  const there = new Set(namesOf(all));
  const unknown = Object.keys(fields).filter((name) => !there.has(name));
  if (unknown.length === 0) return;
  const what = `${unknown.length === 1 ? 'field' : 'fields'} ${listOf(unknown)}`;
  throw wrong(page, `the form has no ${what}. It has ${listOf([...there])}.`);
}

/** The button that is pressed: the named one, else the first, as the Enter key does it. */
function findButton(page: FormPage, all: readonly Control[], submit: string | undefined): Control | undefined {
  const buttons = all.filter(({ kind, disabled }) => (kind === 'button' || kind === 'image') && !disabled);
  if (submit === undefined) return buttons[0];
  const [element] = select(page, submit).get();
  const button = buttons.find((one) => one.element === element);
  if (button === undefined) throw wrong(page, `\`${submit}\` is no button that sends the form.`, submit);
  return button;
}

interface Sending {
  readonly all: readonly Control[];
  readonly control: Control;
  readonly index: number;
  readonly fields: FormFields;
  readonly pressed: Control | undefined;
  readonly charset: string;
}

function entriesOf(page: FormPage, { all, control, index, fields, pressed, charset }: Sending): readonly FormEntry[] {
  const { name, kind } = control;
  if (kind === 'button' || kind === 'image') return control === pressed ? pressedOf(control) : [];
  if (name === '') return [];
  if (Object.hasOwn(fields, name)) {
    const same = all.filter((other) => other.name === name);
    // All values of a name stand where its first control does.
    if (all.findIndex((other) => other.name === name) !== index) return [];
    return filledOf(page, same, fields[name]).map((value) => ({ name, value }));
  }
  if (control.disabled) return [];
  if (kind === 'file') return [{ name, value: '', file: true }];
  const isCharset = name === '_charset_' && control.element.attribs['type']?.toLowerCase() === 'hidden';
  return control.values.map((value) => ({ name, value: isCharset ? charset : value }));
}

function pressedOf({ kind, name, values }: Control): readonly FormEntry[] {
  if (kind === 'button') return name === '' ? [] : [{ name, value: values[0] ?? '' }];
  const before = name === '' ? '' : `${name}.`;
  return ['x', 'y'].map((axis) => ({ name: `${before}${axis}`, value: '0' }));
}

/** What is sent for the controls of one name that the job fills. */
function filledOf(page: FormPage, same: readonly Control[], given: FormFields[string] | undefined): readonly string[] {
  const [first] = same;
  const name = first?.name ?? '';
  if (same.some(({ kind }) => kind === 'file'))
    throw wrong(page, `the field '${name}' takes a file, which cannot be sent. Leave it out.`);
  const choices = same.flatMap((control) => control.choices);
  const isChosen = same.some(({ kind }) => kind === 'check' || kind === 'radio' || kind === 'select');
  if (typeof given === 'boolean') {
    if (first?.kind !== 'check') throw wrong(page, `the field '${name}' is no box to check: give it a text.`);
    return given ? choices.map(({ value }) => value) : [];
  }
  const values = (Array.isArray(given) ? given : [given]).map(String);
  if (!isChosen) return values;
  return values.map((value) => {
    const choice = choices.find((one) => one.value === value) ?? choices.find((one) => one.label === value);
    if (choice !== undefined) return choice.value;
    const there = choices.map((one) => (one.label === '' ? one.value : `${one.value} (${one.label})`));
    throw wrong(page, `the field '${name}' cannot have the value given. Its values are ${listOf(there)}.`);
  });
}

interface Submission {
  readonly attribute: (name: string) => string | undefined;
  readonly entries: readonly FormEntry[];
  readonly charset: string;
}

function requestOf(page: FormPage, { attribute, entries, charset }: Submission): FormRequest {
  const url = targetOf(page, attribute('action'));
  const method = (attribute('method') ?? 'get').trim().toLowerCase();
  const referer = refererOf(page.url, url);
  if (method !== 'post') {
    url.search = encodeForm(entries, charset);
    return { url: url.href, options: { headers: { referer } } };
  }
  const headers = { referer, origin: new URL(page.url).origin };
  const type = (attribute('enctype') ?? '').trim().toLowerCase();
  const { body, contentType } = bodyOf(type, entries, charset);
  return { url: url.href, options: { method: 'POST', headers: { ...headers, 'content-type': contentType }, body } };
}

function bodyOf(
  type: string,
  entries: readonly FormEntry[],
  charset: string,
): { readonly body: string | Uint8Array; readonly contentType: string } {
  if (type === 'multipart/form-data') {
    const { body, type: contentType } = encodeMultipart(entries, charset);
    return { body, contentType };
  }
  if (type === 'text/plain') return { body: encodePlain(entries, charset), contentType: type };
  return { body: encodeForm(entries, charset), contentType: 'application/x-www-form-urlencoded' };
}

function targetOf(page: FormPage, action = ''): URL {
  const given = action.trim();
  const text = given === '' ? page.url : given;
  const url = URL.canParse(text, page.base) ? new URL(text, page.base) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw wrong(
      page,
      `a script sends the form, as its action is ${JSON.stringify(given.slice(0, 60))}. Find the address in the browser's network tab and use get(address, { form: { ... } }).`,
    );
  }
  url.hash = '';
  return url;
}

/** What a browser says of where it comes from: the whole address only to the same site. */
function refererOf(from: string, to: URL): string {
  const page = new URL(from);
  page.hash = '';
  return page.origin === to.origin ? page.href : `${page.origin}/`;
}

function charsetOf(form: FormElement, ofPage: string): string {
  const [first] = (form.attr('accept-charset') ?? '').trim().split(/[\s,]+/);
  const named = readLabel(first ?? '');
  return sendingCharset(named.kind === 'known' ? named.name : ofPage);
}

function namesOf(all: readonly Control[]): readonly string[] {
  const fields = all.filter(({ kind, name }) => name !== '' && kind !== 'button' && kind !== 'image');
  return [...new Set(fields.map(({ name }) => name))];
}

/** A selector for a form, as near as its attributes allow. */
function nameOf(form: FormElement): string {
  const [id, name, action] = ['id', 'name', 'action'].map((attribute) => form.attr(attribute));
  if (id !== undefined && /^[\w-]+$/.test(id)) return `form#${id}`;
  if (name !== undefined) return `form[name="${name}"]`;
  return action === undefined ? 'form' : `form[action="${action.split('?')[0]}"]`;
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `'${name.slice(0, 60)}'`);
  return shown.length === 0 ? 'none' : `${shown.join(', ')}${names.length > 20 ? ' ...' : ''}`;
}

function wrong(page: FormPage, problem: string, selector = 'form'): ExtractError {
  return new ExtractError(`${page.url}: ${problem}`, { url: page.url, selector });
}
