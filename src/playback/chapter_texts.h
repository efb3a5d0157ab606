// SPDX-License-Identifier: LGPL-2.1-or-later
// Chapters as players read them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/media/chapters.h"

namespace butaca::playback {

// Where the multivariant playlist says that they are, beside itself.
inline constexpr std::string_view chapters_json_name = "chapters.json";

// Apple's JSON chapters ("Providing JavaScript Object Notation (JSON) chapters"): times in seconds, and of
// chapters that begin and end together one with a title in each language.
std::string chapters_json(const std::vector<media::Chapter> &chapters);

// WebVTT with a cue for each chapter (W3C WebVTT, 3.5, "kind=chapters") of one language: of the one that was
// asked for where there is one, else of the first.
std::string chapters_vtt(const std::vector<media::Chapter> &chapters, std::string_view language);

} // namespace butaca::playback
