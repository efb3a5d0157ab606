// SPDX-License-Identifier: LGPL-2.1-or-later
// The few edits that AV1 temporal units need before a muxer gets them. Pure functions over bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace butaca::video {

// seq_level_idx of a level in words: "3.1" -> 5 (AV1 specification, A.3). Nothing for other text.
std::optional<std::uint8_t> av1_level_idx(std::string_view level);

// "Maximum parameters": a stream that promises no level.
inline constexpr std::uint8_t av1_no_level = 31;

// A temporal unit of OBUs with their sizes (5.2, low-overhead format) as the samples of an av01 track have to
// be: without temporal delimiters and padding (AV1 in ISO BMFF, 2.4), and with `level_idx`, in the Main tier,
// in its sequence header. A header with timing information or several operating points keeps its level.
// Returns nothing when the unit is malformed.
std::optional<std::vector<std::uint8_t>> tidy_temporal_unit(std::span<const std::uint8_t> unit,
                                                            std::uint8_t level_idx);

// The body of av1C (AV1 in ISO BMFF, 2.3.3) for 8-bit 4:2:0 in the Main profile and tier, without OBUs: the
// sequence header comes with each keyframe.
std::vector<std::uint8_t> av1_configuration(std::uint8_t level_idx);

} // namespace butaca::video
