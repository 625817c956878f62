import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestOf, suggest } from '../../src/cli/nearest.ts';

test('a name with a slip finds the one that was meant, and a part of a name the whole', () => {
  assert.deepEqual(nearestOf('cafetria', ['cafeteria', 'notices']), ['cafeteria']);
  assert.deepEqual(nearestOf('price', ['cafeteria', 'price-drop']), ['price-drop']);
  assert.deepEqual(nearestOf('점신', ['점심', '공지사항입니다']), ['점심']);
});

test('a name like no other is answered with all there are', () => {
  assert.equal(suggest('weather', ['lunch', 'board']), 'There is lunch, board.');
  assert.equal(suggest('weather', []), 'There is none yet.');
});
