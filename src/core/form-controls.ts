// The controls of a form on a page: which of them are the form's, and what a browser would send for each.
import { type Dom, type Element, isElement } from './html.ts';
import { readText } from './page-text.ts';

export type FormElement = ReturnType<Dom>;

/** One control, or all radio buttons of a name. */
export interface Control {
  readonly name: string;
  readonly element: Element;
  readonly kind: 'text' | 'check' | 'radio' | 'select' | 'file' | 'button' | 'image';
  readonly disabled: boolean;
  /** What it sends as it stands: nothing for a box that is not checked. */
  readonly values: readonly string[];
  /** What can be chosen, for a box, a radio button or a select: each with what a person reads there. */
  readonly choices: readonly Choice[];
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

const CONTROLS = 'input, select, textarea, button';

/** All controls of a form, in the order of the page. Buttons that submit nothing are left out. */
export function controlsOf($: Dom, form: FormElement): readonly Control[] {
  return elementsOf($, form).flatMap((element) => readControl($, element) ?? []);
}

/**
 * A browser knows which controls are a form's even where the form's tags stand between the rows of a table, as on many old
 * pages. There the tree shows an empty form with the controls beside it: those up to the next form of the table are its own.
 */
function elementsOf($: Dom, form: FormElement): readonly Element[] {
  const id = form.attr('id');
  const all = $(CONTROLS).get().filter(isElement);
  const isFree = (element: Element): boolean =>
    $(element).attr('form') === undefined && $(element).closest('template').length === 0;
  const inside = all.filter((element) => isFree(element) && $(element).closest('form').is(form));
  const named = all.filter((element) => id !== undefined && $(element).attr('form') === id);
  const own = new Set([...(inside.length > 0 ? inside : besideOf($, form).filter(isFree)), ...named]);
  return all.filter((element) => own.has(element));
}

function besideOf($: Dom, form: FormElement): readonly Element[] {
  const table = form.closest('table');
  const order = table.find(`form, ${CONTROLS}`).get().filter(isElement);
  const at = order.findIndex((element) => form.is(element));
  if (at < 0) return [];
  const next = order.findIndex((element, index) => index > at && element.name === 'form');
  const between = order.slice(at + 1, next < 0 ? undefined : next);
  return between.filter((element) => $(element).closest('form').length === 0);
}

function readControl($: Dom, element: Element): Control | undefined {
  const name = element.attribs['name'] ?? '';
  const disabled = $(element).is('[disabled], fieldset[disabled] *');
  const read = readKind($, element);
  return read && { name, element, disabled, ...read };
}

type Read = Pick<Control, 'kind' | 'values' | 'choices'>;

/** Undefined for a button that sends nothing. */
function readKind($: Dom, element: Element): Read | undefined {
  if (element.name === 'select') return { kind: 'select', ...readSelect($, element) };
  if (element.name === 'textarea') return { kind: 'text', values: [$(element).text()], choices: [] };
  const type = element.attribs['type']?.toLowerCase() ?? (element.name === 'button' ? 'submit' : 'text');
  const value = element.attribs['value'] ?? '';
  if (type === 'submit') return { kind: 'button', values: [value], choices: [] };
  return element.name === 'button' ? undefined : readInput($, element, type);
}

function readInput($: Dom, element: Element, type: string): Read | undefined {
  const value = element.attribs['value'];
  switch (type) {
    case 'reset':
    case 'button':
      return undefined;
    case 'image':
      return { kind: 'image', values: [], choices: [] };
    case 'file':
      return { kind: 'file', values: [''], choices: [] };
    case 'checkbox':
    case 'radio': {
      const choice = { value: value ?? 'on', label: labelOf($, $(element)) };
      const values = 'checked' in element.attribs ? [choice.value] : [];
      return { kind: type === 'radio' ? 'radio' : 'check', values, choices: [choice] };
    }
    default:
      return { kind: 'text', values: [value ?? ''], choices: [] };
  }
}

function readSelect($: Dom, element: Element): Pick<Control, 'values' | 'choices'> {
  const options = $(element).find('option').get().filter(isElement);
  const read = options.map((option) => {
    const label = readText(option, false).replace(/\s+/g, ' ').trim();
    const disabled = $(option).is('[disabled], optgroup[disabled] *');
    return { value: option.attribs['value'] ?? label, label, disabled, selected: $(option).is('[selected]') };
  });
  const choices = read.map(({ value, label }) => ({ value, label }));
  const selected = read.filter((option) => option.selected && !option.disabled);
  if ($(element).is('[multiple]')) return { choices, values: selected.map(({ value }) => value) };
  const shown = selected.at(-1) ?? read.find(({ disabled }) => !disabled);
  return { choices, values: shown === undefined ? [] : [shown.value] };
}

function labelOf($: Dom, $element: FormElement): string {
  const id = $element.attr('id');
  const around = $element.closest('label');
  const label =
    around.length > 0 ? around : $('label').filter((_, one) => id !== undefined && $(one).attr('for') === id);
  const [first] = label.get();
  return first !== undefined && isElement(first) ? readText(first, false) : '';
}
