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

// Of pictures, several languages in one.
inline constexpr std::size_t picture_file_bytes_most = 128UL * 1024 * 1024;

struct ReadSubtitles {
    std::string format; // "srt", "webvtt", "ass", "ttml", "pgs", "vobsub"
    media::Subtitles subtitles;
    // What the file itself says of the track, if anything.
    std::string language;
    std::string name;
    bool is_default = false;
};

// By its first lines, for suffixes lie. `unsupported`, with words for people, when it is none or has no cue.
Result<ReadSubtitles> read_subtitles(std::string_view bytes);

// The same for a file that may hold several tracks: an index with `pictures`, the bytes of the file beside it
// ("" when there is none). At least one, unless it fails.
Result<std::vector<ReadSubtitles>> read_subtitle_tracks(std::string_view bytes, std::string_view pictures);

// Where an index has its pictures ("film.idx": "film.sub"); "" for any other file.
std::string pictures_beside(const std::string &path);
// The index that a file of pictures belongs to; "" for any other file.
std::string index_beside(const std::string &path);

// The suffixes of files that are looked at, without dot.
const std::vector<std::string> &subtitle_suffixes();

} // namespace butaca::origin
