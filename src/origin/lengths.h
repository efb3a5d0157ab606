// SPDX-License-Identifier: LGPL-2.1-or-later
// How long sound is by its own words, where the container rounds lengths or leaves them out.
#pragma once

#include <cstdint>
#include <vector>

#include "src/origin/collect.h"

namespace butaca::origin {

// The packets of a sound track, each with the length in time that codec or size tell.
std::vector<Packet> with_true_lengths(std::vector<Packet> packets, const TrackRun &run,
                                      const Container &container);

// The length of a whole FLAC stream as its header tells it; 0 when it does not.
std::int64_t flac_length_ns(const GstCaps *caps);

} // namespace butaca::origin
