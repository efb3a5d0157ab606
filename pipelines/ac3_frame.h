// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a packet of AC-3 or E-AC-3 is whole. Of one that is not, libavcodec's decoder gives what happened
// to lie in memory, which may be anything. Pure.
#pragma once

#include <cstdint>
#include <span>

namespace butaca::pipelines {

// Is a frame in it cut off, or wrong by its checksum (ETSI TS 102 366, 6.10 and E.1.3.6)? What does not begin
// as such frames do, or follows them, is not judged.
bool is_damaged_ac3(std::span<const std::uint8_t> packet);

} // namespace butaca::pipelines
