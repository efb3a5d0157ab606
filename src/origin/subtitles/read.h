// SPDX-License-Identifier: LGPL-2.1-or-later
// A subtitle file as cues, whatever its format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/media/subtitles.h"

namespace butaca::origin {

inline constexpr std::size_t subtitle_file_bytes_most = 32UL * 1024 * 1024;

struct ReadSubtitles {
    std::string format; // "srt", "webvtt", "ass"
    media::Subtitles subtitles;
};

// By its first lines, for suffixes lie. `unsupported`, with words for people, when it is none or has no cue.
Result<ReadSubtitles> read_subtitles(std::string_view bytes);

// The suffixes of files that are looked at, without dot.
const std::vector<std::string> &subtitle_suffixes();

} // namespace butaca::origin
