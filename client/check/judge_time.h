// SPDX-License-Identifier: LGPL-2.1-or-later
// Time: within one stream, and of streams against each other. Pure.
#pragma once

#include "client/check/presentation.h"

namespace butaca::client::check {

// Seams, EXTINF, key frames and counters of one stream. `picture_frame_s` is the slack that Apple 8.1 allows.
void judge_stream_time(const Stream &stream, double picture_frame_s, Findings &findings);

// Equal length, equal begin, aligned borders, equal target durations.
void judge_times_together(const Presentation &presentation, Findings &findings);

} // namespace butaca::client::check
