// SPDX-License-Identifier: LGPL-2.1-or-later
// What the parsers of subtitle files share: lines, times, and how cues are gathered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/media/subtitles.h"

namespace butaca::origin {

// The lines of a text, whichever way they end. They live as long as it does.
std::vector<std::string_view> lines_of(std::string_view text);

std::string_view trimmed(std::string_view text);
bool starts_without_case(std::string_view text, std::string_view small_letters);

// "1:02:03,5", "02:03.500": hours may be left out, comma or point, one to three digits after it (two count
// hundredths, as ASS has them). Takes it off the front of `text`; nothing when there is none.
std::optional<std::int64_t> take_time(std::string_view &text);

// "00:01:02,000 --> 00:01:04,000 and the rest".
struct TimeLine {
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
    std::string_view rest;
};
std::optional<TimeLine> time_line(std::string_view line);
bool looks_like_time_line(std::string_view line);

// Adds a cue if it can be one, else counts it as skipped.
void add_cue(media::Subtitles &into, media::Cue cue);
// Puts cues into the order of their beginning, as they have to be.
void finish_cues(media::Subtitles &subtitles);
// The same, and makes one cue of those that say the same right after each other: samples cut them into
// pieces.
void finish_cut_cues(media::Subtitles &subtitles);

} // namespace butaca::origin
