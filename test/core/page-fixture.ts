// Pages made of a string, as fetching would hand them over.
import { makePage, type Page, type PageSource } from '../../src/core/page.ts';

export const URL_OF_PAGE = 'https://dorm.example.ac.kr/menu/today?date=2026-11-20';

export function pageOf(text: string, over: Partial<PageSource> = {}): Promise<Page> {
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  const body = new TextEncoder().encode(text);
  return makePage({ url: URL_OF_PAGE, status: 200, headers, body, text, charset: 'utf-8', ...over });
}
