// What a job file may import, as 'talkbell'.
export { defineJob, notYet } from './core/define-job.ts';
export type { Get, GetOptions, Item, JobDefinition, Rendered, Run, Told, Watch } from './core/job.ts';
export type { Page } from './core/page.ts';
export type { CellPlace, Fields, Hit, RowOf, Table } from './core/page-hit.ts';
export { pageOf } from './core/page-of.ts';
export { changed, isNew } from './core/watch.ts';
export { secret, setting } from './io/settings.ts';
export { commerce } from './kakao/build-commerce.ts';
export { feed } from './kakao/build-feed.ts';
export { list } from './kakao/build-list.ts';
export { calendar, location } from './kakao/build-place.ts';
export { custom, scrap, text } from './kakao/build-text.ts';
