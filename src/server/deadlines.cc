// FIFO lists of deadlines.
#include "server/deadlines.h"

#include <algorithm>

namespace kalamdb::server {

void Deadlines::Arm(Deadline* d, DeadlineClass which, int64_t now) {
  Disarm(d);
  List& list = lists_[Index(which)];
  d->which_ = which;
  d->at_ = now + list.duration;
  d->prev_ = list.last;
  d->next_ = nullptr;
  (list.last ? list.last->next_ : list.first) = d;
  list.last = d;
}

void Deadlines::Disarm(Deadline* d) {
  if (!d->armed()) return;
  List& list = lists_[Index(d->which_)];
  (d->prev_ ? d->prev_->next_ : list.first) = d->next_;
  (d->next_ ? d->next_->prev_ : list.last) = d->prev_;
  d->prev_ = d->next_ = nullptr;
  d->which_ = DeadlineClass::kCount;
}

int64_t Deadlines::Next() const {
  int64_t next = INT64_MAX;
  for (const List& list : lists_) {
    if (list.first) next = std::min(next, list.first->at_);
  }
  return next;
}

void Deadlines::Expire(int64_t now) {
  for (size_t i = 0; i < lists_.size(); ++i) {
    // Whatever a callback arms anew lies at least a duration ahead; a duration of 0 must not spin
    // here.
    for (List& list = lists_[i]; list.first && list.first->at_ <= now;) {
      Deadline* d = list.first;
      Disarm(d);
      d->OnDeadline(static_cast<DeadlineClass>(i));
      if (list.duration <= 0) break;
    }
  }
}

}  // namespace kalamdb::server
