// SPDX-License-Identifier: LGPL-2.1-or-later
// The pulse of a job.
#include "pipelines/activity.h"

#include <glib.h>

namespace butaca::pipelines {

void Activity::begin()
{
    cancelled_ = false;
    moved();
    busy_ = true;
}

void Activity::moved() { moved_ms_ = g_get_monotonic_time() / 1000; }

std::int64_t Activity::idle_ms() const { return busy_ ? g_get_monotonic_time() / 1000 - moved_ms_ : 0; }

} // namespace butaca::pipelines
