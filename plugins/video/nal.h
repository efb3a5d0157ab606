// SPDX-License-Identifier: LGPL-2.1-or-later
// The few edits that H.264 and H.265 access units need before a muxer gets them. Pure functions over bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace butaca::video {

enum class NalCodec { h264, h265 };

// Removes from an access unit of NAL units with 4-byte lengths what must not be in the samples of an avc1 or
// hvc1 track, or costs bytes for nothing: parameter sets (they live in the sample entry: ISO/IEC
// 14496-15, 5.3.1 and 8.3.1), access unit delimiters, and SEI messages of type user_data_unregistered
// (encoders sign their work there: 700 bytes with each keyframe). Returns nothing when the access unit holds
// none of these or is malformed: keep it as it is.
std::optional<std::vector<std::uint8_t>> without_clutter(std::span<const std::uint8_t> access_unit,
                                                         NalCodec codec);

// Writes level_idc into an AVCDecoderConfigurationRecord and each SPS in it. False, and nothing is written,
// when the record is malformed.
bool set_avc_level(std::span<std::uint8_t> record, std::uint8_t level_idc);

// level_idc of a level in words: "3.1" -> 31, "1b" -> 9 (High profiles), "4" -> 40. Nothing for other text.
std::optional<std::uint8_t> avc_level_idc(std::string_view level);

} // namespace butaca::video
