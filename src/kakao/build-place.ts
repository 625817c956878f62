// Builders of the two cards about where and when: the location and the calendar.
import {
  type ButtonInput,
  type ButtonsInput,
  type ContentInput,
  type SocialInput,
  toButtons,
  toContent,
  toSocial,
} from './build-parts.ts';
import type { Saying } from './template.ts';

/** What a location card is made of. */
export interface LocationInput extends ContentInput, ButtonsInput {
  /** The address KakaoMap finds the place by. */
  readonly address: string;
  /** The place's name on the map. */
  readonly addressTitle?: string;
  /** At most 3 counts (Kakao's iOS SDK). */
  readonly social?: SocialInput;
}

/**
 * A place with a button that shows it on the map. That button is Kakao's and always there, so that only one more fits
 * (Kakao's iOS SDK).
 *
 * The message is refused, with the job and field named, when the address is blank, when there is neither title,
 * description nor image, or when there are more than 1 button or 3 social counts.
 *
 * @example
 * render: (shops) => shops.map(({ name, address }) => location({ title: name, address, addressTitle: name }))
 */
export function location(input: LocationInput): Saying {
  const { address, addressTitle } = input;
  return {
    kind: 'default',
    object: {
      object_type: 'location',
      address,
      ...(addressTitle !== undefined && { address_title: addressTitle }),
      content: toContent(input),
      ...toSocial(input.social),
      ...toButtons(input),
    },
  };
}

/** What a calendar card is made of. */
export interface CalendarInput extends ContentInput {
  /** `event` for one public event, `calendar` for a calendar to subscribe to. */
  readonly idType: 'event' | 'calendar';
  /** The id Kakao gave it. Only calendars of a channel linked to your app work. */
  readonly id: string;
  /** At most 1 (Kakao's iOS SDK). */
  readonly buttons?: readonly ButtonInput[];
}

/**
 * A public event or calendar of TalkCalendar, with Kakao's button to add it.
 *
 * The message is refused, with the job and field named, when the id is blank, when there is neither title, description
 * nor image, or when there is more than 1 button.
 *
 * @example
 * render: (festivals) => festivals.map(({ name, eventId }) => calendar({ idType: 'event', id: eventId, title: name }))
 */
export function calendar(input: CalendarInput): Saying {
  const { idType, id, buttons } = input;
  return {
    kind: 'default',
    object: {
      object_type: 'calendar',
      id_type: idType,
      id,
      content: toContent(input),
      ...(buttons !== undefined && toButtons({ buttons })),
    },
  };
}
