// A cron line in words, in Korean or English, for people who do not read cron.
import { toString as describe } from 'cronstrue';
import 'cronstrue/locales/ko.js';

/** 24-hour words for a line that `readCronLine` takes. Two restricted day fields are told as AND. */
export function describeCron(text: string, locale: 'ko' | 'en'): string {
  const line = text.startsWith('@') ? text.toLowerCase() : text;
  return describe(line, { locale, use24HourTimeFormat: true, logicalAndDayFields: true });
}
