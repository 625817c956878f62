// What a job file reads from its environment.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettingError } from '../../src/core/errors.ts';
import { namesOfSecrets, secret, setting } from '../../src/io/settings.ts';

test('a setting is read without the blanks around it, and an empty one counts as missing', () => {
  process.env['MENU_URL'] = ' https://dorm.example.ac.kr ';
  process.env['MENU_EMPTY'] = '  ';
  assert.equal(setting('MENU_URL'), 'https://dorm.example.ac.kr');
  assert.equal(setting('MENU_URL', 'otherwise'), 'https://dorm.example.ac.kr');
  assert.equal(setting('MENU_EMPTY', 'otherwise'), 'otherwise');
  assert.equal(setting('MENU_NONE', ''), '');
  for (const name of ['MENU_EMPTY', 'MENU_NONE']) assert.throws(() => setting(name), new SettingError(name));
});

test('a missing setting is told with the line to write', () => {
  assert.throws(() => setting('MENU_NONE'), /MENU_NONE is missing\. Add the line MENU_NONE=\.\.\. to \.env/);
});

test('secrets are known by name, settings are not', () => {
  process.env['MENU_KEY'] = 'sesame-open-1234';
  assert.equal(secret('MENU_KEY'), 'sesame-open-1234');
  assert.equal(secret('MENU_KEY'), 'sesame-open-1234');
  assert.throws(() => secret('MENU_NO_KEY'), new SettingError('MENU_NO_KEY'));
  assert.deepEqual(namesOfSecrets(), ['MENU_KEY']);
});
