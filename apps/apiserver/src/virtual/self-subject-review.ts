import type { SelfSubjectReview } from '@pilothouse/api';
import { formatTime } from '../registry/metadata.ts';
import { review } from './read-review.ts';

/** Who am I? `kubectl auth whoami`. */
export const reviewSelf = review<SelfSubjectReview>(async (asked, { user, receivedAt }) => {
  const userInfo = {
    username: user.name,
    ...(user.uid ? { uid: user.uid } : {}),
    groups: [...user.groups],
    ...(user.extra && Object.keys(user.extra).length > 0 ? { extra: user.extra } : {}),
  };
  const metadata = { ...asked.metadata, creationTimestamp: formatTime(receivedAt) };
  return { ...asked, metadata, status: { userInfo } } as SelfSubjectReview;
});
