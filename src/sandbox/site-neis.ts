// The school meal API of the sample site, in the form of NEIS Open API (mealServiceDietInfo).
import { type Answer, json } from './answers.ts';
import { numberFrom, trayOf } from './site-menu.ts';

export interface School {
  /** The key that is taken. A request without a key is answered too, as NEIS answers with a sample. */
  key: string;
  officeCode: string;
  officeName: string;
  code: string;
  name: string;
  /** Whether there are meals on a day. */
  servesOn: (date: string) => boolean;
}

const MEALS: Readonly<Record<string, string>> = { '2': '중식', '3': '석식' };

export function makeSchool(): School {
  return {
    key: 'sandbox-neis-key',
    officeCode: 'B10',
    officeName: '서울특별시교육청',
    code: '7010569',
    name: '한빛고등학교',
    servesOn: (date) => ![0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay()),
  };
}

export function answerMeals(school: School, query: URLSearchParams, today: string): Answer {
  const ymd = query.get('MLSV_YMD') ?? today.replaceAll('-', '');
  const required = ['Type', 'ATPT_OFCDC_SC_CODE', 'SD_SCHUL_CODE'];
  if (query.has('KEY') && query.get('KEY') !== school.key) {
    return result('ERROR-290', '인증키가 유효하지 않습니다. 인증키가 없는 경우, 홈페이지에서 인증키를 신청하십시오.');
  }
  if (query.get('Type')?.toLowerCase() !== 'json' || required.some((name) => !query.get(name))) {
    return result('ERROR-300', '필수 값이 누락되어 있습니다. 요청인자를 참고 하십시오.');
  }
  const date = ymd.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  const isOurs = query.get('ATPT_OFCDC_SC_CODE') === school.officeCode && query.get('SD_SCHUL_CODE') === school.code;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(Date.parse(date));
  const wanted = query.get('MMEAL_SC_CODE');
  const codes = isOurs && isDay && school.servesOn(date) ? Object.keys(MEALS) : [];
  const rows = codes
    .filter((code) => wanted === null || wanted === code)
    .map((code) => describeMeal(school, date, code));
  if (rows.length === 0) return result('INFO-200', '해당하는 데이터가 없습니다.');
  const head = [
    { list_total_count: rows.length },
    {
      RESULT: { CODE: 'INFO-000', MESSAGE: '정상 처리되었습니다.(해당 자료는 단순 참고용으로만 활용하시기 바랍니다.)' },
    },
  ];
  return json(200, { mealServiceDietInfo: [{ head }, { row: rows }] });
}

function describeMeal(school: School, date: string, code: string) {
  const ymd = date.replaceAll('-', '');
  return {
    ATPT_OFCDC_SC_CODE: school.officeCode,
    ATPT_OFCDC_SC_NM: school.officeName,
    SD_SCHUL_CODE: school.code,
    SCHUL_NM: school.name,
    MMEAL_SC_CODE: code,
    MMEAL_SC_NM: MEALS[code],
    MLSV_YMD: ymd,
    MLSV_FGR: 480 + numberFrom(`${date} heads`, 90),
    DDISH_NM: trayOf(date, code),
    ORPLC_INFO: '쌀 : 국내산<br/>김치류 : 국내산<br/>돼지고기 : 국내산<br/>닭고기 : 국내산',
    CAL_INFO: `${700 + numberFrom(`${date} ${code} kcal`, 300)}.${numberFrom(date, 10)} Kcal`,
    NTR_INFO: '탄수화물(g) : 118.2<br/>단백질(g) : 35.4<br/>지방(g) : 24.1<br/>칼슘(mg) : 312.5<br/>철분(mg) : 5.1',
    MLSV_FROM_YMD: ymd,
    MLSV_TO_YMD: ymd,
    LOAD_DTM: ymd,
  };
}

function result(code: string, message: string): Answer {
  return json(200, { RESULT: { CODE: code, MESSAGE: message } });
}
