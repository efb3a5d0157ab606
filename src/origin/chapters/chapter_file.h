// SPDX-License-Identifier: LGPL-2.1-or-later
// Chapters in a file beside the film: "film.chapters.en.vtt", each cue a chapter (W3C WebVTT, 3.5), in any
// format that subtitles have. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "src/media/chapters.h"
#include "src/media/subtitles.h"

namespace butaca::origin {

// Does the name of a file beside this film say so?
bool holds_chapters(std::string_view film_path, std::string_view file_path);

// Whether it would for some film.
bool may_hold_chapters(std::string_view file_path);

// Without language; as many as there may be, not mended.
std::vector<media::Chapter> chapters_from_cues(const media::Subtitles &cues);

} // namespace butaca::origin
