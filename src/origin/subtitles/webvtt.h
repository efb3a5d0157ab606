// SPDX-License-Identifier: LGPL-2.1-or-later
// WebVTT files (W3C WebVTT, 4.1).
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/media/subtitles.h"

namespace butaca::origin {

// `text` is UTF-8. `unsupported` without the signature; cues that make no sense are counted and left out.
// Styles, regions and notes are passed over.
Result<media::Subtitles> parse_webvtt(std::string_view text);

// The cue settings of a line of times that make sense and can be kept (no regions).
std::string webvtt_settings(std::string_view text);

} // namespace butaca::origin
