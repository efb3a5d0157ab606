// SPDX-License-Identifier: LGPL-2.1-or-later
// What a rendition needs of the line: exact for copies, a bound for encodes until their segments have been
// measured. Pure.
#pragma once

#include <cstdint>
#include <functional>

#include "src/playback/presentation.h"

namespace butaca::playback {

// What each segment of a copy weighs: the source's own packets and the cost of our container.
std::vector<std::uint32_t> copied_sizes(const media::VideoPackets &packets,
                                        const media::VideoTimeline &timeline);
std::vector<std::uint32_t> copied_sizes(const media::AudioPackets &packets, const media::AudioCopy &copy);
// The peak is that of any one of these segments.
Bandwidth copied_bandwidth(const std::vector<std::uint32_t> &sizes_bytes,
                           const std::vector<double> &durations_s);

// The most that an encode of this size is worth: nobody gains from spending clearly more bits than the source
// itself does. A smaller picture stays below the source's own peak, so that BANDWIDTH rises with its size.
std::uint64_t worthwhile_cap_bps(const media::VideoTrack &track, const media::VideoPackets &source,
                                 const media::VideoTimeline &timeline, media::Size size);

// From the encoder's cap and, for the average, from what the source itself spends on a picture of its size.
Bandwidth encoded_bandwidth(std::uint64_t cap_bps, const media::VideoTrack &track,
                            const media::VideoPackets &source, const media::VideoTimeline &timeline,
                            media::Size size);
Bandwidth encoded_bandwidth(std::uint64_t audio_bitrate_bps);
// Of one keyframe for each segment, none of them larger than `cap_bits`.
Bandwidth keyframe_bandwidth(std::uint64_t cap_bits, const media::VideoTimeline &timeline);
// Sound that loses nothing: at the most what its samples of 24 bits take.
Bandwidth lossless_bandwidth(unsigned rate, unsigned channels);

// The size of a segment, 0 when nobody knows it.
using SizeOf = std::function<std::uint64_t(std::int64_t)>;
// What is known by `made`, else by the sizes of a copy.
SizeOf known_or(SizeOf made, const std::vector<std::uint32_t> &copied_bytes);

// Corrects a bound by the sizes of the segments that exist: `size_bytes(k)` is 0 for those not made yet. With
// all of them known the result is exact and `measured`. The peak is that of any run of segments that lasts
// half to one and a half times `target_duration_s` (RFC 8216, 4.1), or of all where the whole is shorter;
// with 0, of any one segment, as DASH has it.
Bandwidth corrected(const Bandwidth &bound, const std::vector<double> &durations_s, const SizeOf &size_bytes,
                    unsigned target_duration_s);

// How long each segment plays, in seconds.
std::vector<double> segment_durations_s(const VideoRendition &rendition);
std::vector<double> segment_durations_s(const AudioRendition &rendition);

} // namespace butaca::playback
