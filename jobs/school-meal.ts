// Today's school lunch from the official NEIS Open API (https://open.neis.go.kr, mealServiceDietInfo).
// Set NEIS_KEY, NEIS_OFFICE_CODE (ATPT_OFCDC_SC_CODE) and NEIS_SCHOOL_CODE (SD_SCHUL_CODE).
import { defineJob, dishes, secret, setting } from 'talkbell';

interface Meal {
  readonly SCHUL_NM: string;
  readonly MMEAL_SC_NM: string;
  readonly DDISH_NM: string;
  readonly CAL_INFO: string;
}

interface Answer {
  readonly mealServiceDietInfo?: readonly { readonly row?: readonly Meal[] }[];
  readonly RESULT?: { readonly CODE: string; readonly MESSAGE: string };
}

const address = setting('NEIS_URL', 'https://open.neis.go.kr/hub/mealServiceDietInfo');
const key = secret('NEIS_KEY');
const office = setting('NEIS_OFFICE_CODE');
const school = setting('NEIS_SCHOOL_CODE');

export default defineJob({
  schedule: { lunch: '0 11 * * 1-5' },
  freshFor: '90m',
  skip: 'holidays',
  to: 'me',

  fetch: (get, run) => {
    const url = new URL(address);
    const query = { KEY: key, Type: 'json', ATPT_OFCDC_SC_CODE: office, SD_SCHUL_CODE: school, MMEAL_SC_CODE: '2' };
    for (const [name, value] of Object.entries({ ...query, MLSV_YMD: run.date.replaceAll('-', '') }))
      url.searchParams.set(name, value);
    return get(url);
  },

  extract: (page) => {
    const answer = page.json() as Answer;
    // INFO-200 is NEIS's way to say that nothing is served that day.
    if (answer.RESULT?.CODE === 'INFO-200') return [];
    if (answer.RESULT !== undefined) throw new Error(`NEIS refused: ${answer.RESULT.CODE} ${answer.RESULT.MESSAGE}`);
    if (answer.mealServiceDietInfo === undefined) throw new Error('The answer of NEIS has no mealServiceDietInfo.');
    const meals = answer.mealServiceDietInfo.flatMap(({ row }) => row ?? []);
    return meals.map((meal) => ({
      school: meal.SCHUL_NM,
      meal: meal.MMEAL_SC_NM,
      dishes: dishes(meal.DDISH_NM).map(({ name }) => name),
      energy: meal.CAL_INFO,
    }));
  },

  render: (meals, run) =>
    meals.map(({ school, meal, dishes, energy }) =>
      [`🏫 ${school} ${meal} ${run.date}`, ...dishes.map((dish) => `- ${dish}`), energy].join('\n'),
    ),
});
