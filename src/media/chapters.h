// SPDX-License-Identifier: LGPL-2.1-or-later
// Chapters: named parts of a title. Values, and what makes a stranger's list fit to be shown. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/json.h"

namespace butaca::media {

// Limits that every list of chapters keeps.
inline constexpr std::size_t chapters_most = 1000;
inline constexpr std::size_t chapter_title_bytes_most = 300;

struct Chapter {
    std::int64_t start_ns = 0; // on the axis of the presentation: 0 is where playing begins
    std::int64_t end_ns = 0;   // later than start_ns
    std::string title;         // one line of UTF-8; "" where it has none
    std::string language;      // BCP 47, "" when unknown
    friend bool operator==(const Chapter &, const Chapter &) = default;
};

struct MendedChapters {
    std::vector<Chapter> chapters;
    std::size_t mended = 0; // ends that were missing, backward or inside the next chapter
    std::size_t dropped = 0;
};

// Chapters in order, one language after the other as they first come, none beyond the title's end, none in
// another of the same language, no more than chapters_most. One that has no end of its own, or one that makes
// no sense, lasts until the next. Titles become one line. Dropped is what ends before the beginning, or
// begins after the end or together with another.
MendedChapters mend_chapters(std::vector<Chapter> chapters, std::int64_t duration_ns);

// A line of valid UTF-8 without control characters, at most chapter_title_bytes_most long.
std::string chapter_title(std::string_view text);

// As a list; and back, where what is malformed is left out and the rest is mended.
void write_chapters(json::Writer &writer, std::string_view name, const std::vector<Chapter> &chapters);
std::vector<Chapter> read_chapters(const json::Value &list, std::int64_t duration_ns);

} // namespace butaca::media
