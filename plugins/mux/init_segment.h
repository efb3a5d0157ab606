// SPDX-License-Identifier: LGPL-2.1-or-later
// The CMAF header (init segment) of a one-track presentation. Pure: the same track gives the same bytes.
#pragma once

#include "plugins/mux/box_writer.h"
#include "plugins/mux/track.h"
#include "src/base/result.h"

namespace butaca::mux {

// The number of the only track.
inline constexpr std::uint32_t track_id = 1;

// Sample flags that a fragment falls back to (trex): sound is all sync samples, pictures mostly are not.
std::uint32_t default_sample_flags(Codec codec);

// ftyp and moov (ISO/IEC 23000-19, 7.3.1): no edit list, no creation time, duration 0, since nothing is known
// of the samples. Brands: iso6 and cmfc, and cmf2 for pictures, whose composition offsets are signed. Errors:
// invalid_argument when check_track() refuses the track.
Result<Bytes> init_segment(const Track &track);

} // namespace butaca::mux
