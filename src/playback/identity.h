// SPDX-License-Identifier: LGPL-2.1-or-later
// What the bytes of a rendition depend on beside its transform, as a digest: how the track is taken out of
// the original, and the grid that it is cut on. Part of each rendition's identity. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/media/facts.h"
#include "src/media/index.h"
#include "src/media/timeline.h"

namespace butaca::playback {

// Of a video rendition: the timeline, its borders (the coarser ones for a copy), and the frames' own times
// and order.
std::string video_grid_digest(const media::Asset &asset, const media::VideoTrack &track,
                              const media::VideoPackets &packets, const media::VideoTimeline &timeline,
                              const std::vector<std::uint32_t> &borders);

// Of an audio rendition; `first_packet` of a copy, else 0.
std::string audio_grid_digest(const media::Asset &asset, const media::AudioTrack &track,
                              const media::AudioPackets &packets, const media::AudioTimeline &timeline,
                              std::int64_t zero_ns, std::uint32_t first_packet);

} // namespace butaca::playback
