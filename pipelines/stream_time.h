// SPDX-License-Identifier: LGPL-2.1-or-later
// The times of packets and frames on a pad. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "src/base/gst.h"

namespace butaca::pipelines {

// When it is presented; AVI has decoding times alone, except for keyframes.
GstClockTime stamp_of(const GstBuffer *buffer);

// The same as stream time, which may be negative; nothing where there is none.
std::optional<std::int64_t> stream_time(const GstSegment *segment, const GstBuffer *buffer);

// The segment that a pad is in; lives as long as `event`.
const GstSegment *segment_at(GstPad *pad, Owned<GstEvent> &event);

} // namespace butaca::pipelines
