// SPDX-License-Identifier: LGPL-2.1-or-later
// Levels: what a decoder has to be able to do for a picture of some size, rate and bitrate. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/media/profile.h"

namespace butaca::media {

// The least level of the codec, in its own words ("3.1"), that holds this size, rate and bitrate; its last
// where none does. H.264 (Table A-1, High profile) and HEVC and AV1 (Main tier) look at all three, VP9 at
// the size alone, as segmentmux does in vpcC: both have to say the same.
std::string level_for(const std::string &codec, Size size, Rational frame_rate, std::uint64_t bitrate_bps);

// The same level as codec strings and configuration boxes count: level_idc, general_level_idc, seq_level_idx.
unsigned level_number(std::string_view codec, const std::string &level);

} // namespace butaca::media
