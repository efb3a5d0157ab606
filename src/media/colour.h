// SPDX-License-Identifier: LGPL-2.1-or-later
// How the colours of a picture are coded, out of GStreamer's words for it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace butaca::media {

// The numbers of ISO/IEC 23091-2; 2 is "not told".
struct ColourNumbers {
    std::uint8_t primaries = 2;
    std::uint8_t transfer = 2;
    std::uint8_t matrix = 2;
    bool full_range = false;
    friend bool operator==(const ColourNumbers &, const ColourNumbers &) = default;
};

// Of a colorimetry as caps have it: a name ("bt2100-pq") or four numbers of GStreamer's own ("2:6:14:7":
// range, matrix, transfer, primaries). Nothing for other text: it comes from files.
std::optional<ColourNumbers> colour_numbers(std::string_view colorimetry);

// How bright a picture can be, in the words of VIDEO-RANGE: "PQ" (SMPTE ST 2084), "HLG" (ARIB STD-B67), else
// "SDR".
std::string video_range(std::string_view colorimetry);

} // namespace butaca::media
