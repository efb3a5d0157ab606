// SPDX-License-Identifier: LGPL-2.1-or-later
// What jobs of all kinds tell a worker.
#pragma once

#include <cstdint>
#include <string>

#include "pipelines/job.h"
#include "src/media/timeline.h"
#include "src/playback/origins.h"

namespace butaca::playback {

// Where an asset's bytes are just now, with a fresh ticket; without a track. `unavailable` with a retry time
// when nobody has them.
Result<pipelines::Origin> job_origin(const media::Asset &asset, const Origins &origins);

// The time of the last frame at or before `frame` from which decoding can start.
std::int64_t keyframe_before(const media::VideoPackets &packets, std::uint32_t frame);

// The frame rate that an encoder is told: 0/1 where it varies, and about the average for x265, which starts
// with no other and keeps its cap by it. The same for all segments.
media::Rational encoder_rate(const media::VideoTimeline &timeline, const std::string &codec);

} // namespace butaca::playback
