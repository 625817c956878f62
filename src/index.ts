// What a job file may import, as 'talkbell'.
export { closed, defineJob, notYet, stale } from './core/define-job.ts';
export type { Dish } from './core/dish-line.ts';
export { dishes, type Meal, meals } from './core/dishes.ts';
export { getOf } from './core/form.ts';
export type {
  FormFields,
  FormOptions,
  Get,
  GetOptions,
  Item,
  JobDefinition,
  Rendered,
  Run,
  Told,
  Watch,
} from './core/job.ts';
export type { Page } from './core/page.ts';
export type { Feed, FeedItem } from './core/page-feed.ts';
export type { CellName, CellPlace, Fields, Hit, RowOf, Table } from './core/page-hit.ts';
export type { JsonLd } from './core/page-json-ld.ts';
export type { PageKind } from './core/page-kind.ts';
export { pageOf } from './core/page-of.ts';
export { type ReadLetters, readPicture } from './core/page-picture.ts';
export { changed, isNew } from './core/watch.ts';
export { above, below, changedBy, fell, rose } from './core/watch-number.ts';
export { secret, setting } from './io/settings.ts';
export { commerce } from './kakao/build-commerce.ts';
export { feed } from './kakao/build-feed.ts';
export { list } from './kakao/build-list.ts';
export { calendar, location } from './kakao/build-place.ts';
export { custom, scrap, text } from './kakao/build-text.ts';
