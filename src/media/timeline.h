// SPDX-License-Identifier: LGPL-2.1-or-later
// Timelines: the segment grid of an asset, exact integers known before anything is encoded. Pure;
// docs/segments.md has the arithmetic in prose.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/base/result.h"
#include "src/media/facts.h"
#include "src/media/index.h"

namespace butaca::media {

// About how long a segment is, and how long a copied one may be at the most.
inline constexpr std::int64_t segment_target_ns = 2'000'000'000;
inline constexpr std::int64_t copy_segment_limit_ns = 15'000'000'000;

// The grid of all video renditions of one track. Segment k holds the frames [borders[k], borders[k+1]).
struct VideoTimeline {
    std::uint32_t timescale = 0; // ticks per second
    Rational rate{0, 1};         // frames per second when constant; 0/1 when it varies
    // 2 for an interlaced track, whose fields are shown one after the other: all frames here are then those
    // pictures, two of them for each frame of the source.
    std::uint32_t pictures_per_frame = 1;
    std::vector<std::int64_t>
        ticks; // when each frame is presented, from 0, and one more: when the last one ends
    std::vector<std::uint32_t> borders; // first frame of each segment, and one more: the frame count
    // The coarser grid for `copy`: a subset of `borders`, each a clean keyframe; empty when copying cannot
    // keep to it.
    std::vector<std::uint32_t> copy_borders;

    std::size_t segments() const { return borders.empty() ? 0 : borders.size() - 1; }
    std::size_t frames() const { return ticks.empty() ? 0 : ticks.size() - 1; }
    std::int64_t duration_ticks() const { return ticks.empty() ? 0 : ticks.back(); }
};

// The grid of one audio rendition: whole frames of `frame_samples` at `rate`. Segment k holds frames
// [borders[k], borders[k+1]).
struct AudioTimeline {
    std::uint32_t rate = 0;
    std::uint32_t frame_samples = 0;
    std::int64_t total_samples =
        0; // all that is to be heard, from the first frame on; the last frame may reach beyond it
    std::vector<std::uint32_t> borders; // first frame of each segment, and one more: the frame count
    std::uint32_t lead_frames = 0;      // of these, how many lie before presentation time 0
    // Of the first frame, how many samples lie before presentation time 0 in a codec whose decoders are told
    // to throw them away (Opus): that frame is so much shorter.
    std::uint32_t cut_samples = 0;

    std::size_t segments() const { return borders.empty() ? 0 : borders.size() - 1; }
    std::uint32_t frames() const { return borders.empty() ? 0 : borders.back(); }
    // Where frame `f` begins, in samples; for f == frames() the end of what is heard. Never beyond
    // total_samples.
    std::int64_t start_of(std::uint32_t frame) const;
};

// Where presentation time 0 lies on the asset's own axis: the earliest instant that any of its tracks
// presents.
std::int64_t presentation_zero_ns(const PacketIndex &index);

// The video grid. `unprocessable` when the track has no frames. Constant frame rates are recognised (also
// through the millisecond rounding of Matroska) and give exact multiples; otherwise the timescale is 90000
// and each frame is rounded. An interlaced track has no copy_borders, and its second fields are shown
// half-way to the next frame.
Result<VideoTimeline> video_timeline(const VideoTrack &track, const VideoPackets &packets,
                                     std::int64_t zero_ns);

// What is different about the grid of a file of sound.
struct FileGrid {
    std::uint32_t lead_frames = 0; // before presentation time 0
    std::int64_t segment_ns = 2 * segment_target_ns;
};

// The audio grid for output at `rate` in frames of `frame_samples`. With `video`, a border lies at the last
// whole frame that begins at or before each of its borders; without, every `file.segment_ns`. Audio
// that starts late is preceded by silence, so that every rendition covers the same range. `file`
// not together with `video`.
AudioTimeline audio_timeline(const AudioPackets &packets, std::int64_t zero_ns, std::uint32_t rate,
                             std::uint32_t frame_samples, const VideoTimeline *video,
                             const FileGrid &file = {});

// Which packets of the source a copied audio rendition holds, and from where on.
struct AudioCopy {
    std::uint32_t first_packet = 0; // packets before it only prime the decoder
    AudioTimeline timeline;
};
// `unprocessable` with words for people when the packets are no gapless run of equal frames, so a copy could
// not be exact.
Result<AudioCopy> audio_copy_timeline(const AudioTrack &track, const AudioPackets &packets,
                                      std::int64_t zero_ns, const VideoTimeline *video);

// The decode times of the frames [first, last), in decoding order, and one more: where the next one's begins.
// Frame n is decoded when frame n - reorder is shown; the first ones share the time of the first frame. So
// nothing is shown before it is decoded, there is no negative time, and each segment begins exactly where the
// durations before it end.
std::vector<std::int64_t> decode_ticks(const VideoTimeline &timeline, std::uint32_t first, std::uint32_t last,
                                       std::uint32_t reorder);

// Nanoseconds of a tick, rounded to nearest; inverse to ticks_from_ns() for timescales below 500 MHz.
std::int64_t ns_from_ticks(std::int64_t ticks, std::uint32_t timescale);
std::int64_t ticks_from_ns(std::int64_t ns, std::uint32_t timescale);

} // namespace butaca::media
