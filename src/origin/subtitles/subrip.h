// SPDX-License-Identifier: LGPL-2.1-or-later
// SubRip (.srt), as it is found: numbers missing or wrong, blank lines too few or too many, points for
// commas.
#pragma once

#include <string_view>

#include "src/media/subtitles.h"

namespace butaca::origin {

// `text` is UTF-8. Cues that make no sense are counted and left out.
media::Subtitles parse_subrip(std::string_view text);

} // namespace butaca::origin
