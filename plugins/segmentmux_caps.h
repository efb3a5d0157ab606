// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads the description of a track out of the caps that its parser or encoder sent. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include <gst/gst.h>

#include "plugins/mux/track.h"
#include "src/base/result.h"

namespace butaca::segmentmux {

// What the caps do not say.
struct TrackWishes {
    std::uint32_t timescale = 0;                // ticks per second; 0: chosen by default_timescale()
    std::optional<std::uint16_t> opus_pre_skip; // unset: what the stream's own header says
    std::string language = "und";
};

// Describes the track of fixed caps that the element's sink template accepts. Errors: unsupported when the
// caps hold a codec we have no sample entry for, invalid_argument when they lack what one needs (codec_data,
// sizes).
Result<mux::Track> track_from_caps(const GstCaps *caps, const TrackWishes &wishes);

// Whether caps do not hold the codec's configuration, but each frame does: such a track is complete only
// after configure().
bool configured_by_stream(mux::Codec codec);
// Completes the track out of its first frame. Errors: invalid_argument and unsupported, with the reason.
Status configure(mux::Track &track, GstBuffer *first);

// Ticks per second in which every frame time is a whole number: the sample rate for sound; for pictures the
// frame rate's numerator times a power of ten that makes it 10000 or more, 90000 when the rate varies or is
// unknown.
std::uint32_t default_timescale(const GstStructure *caps, mux::Codec codec);

} // namespace butaca::segmentmux
