// SPDX-License-Identifier: LGPL-2.1-or-later
// Advanced SubStation Alpha and its forerunner, as files and as the packets of Matroska.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/result.h"
#include "src/media/subtitles.h"

namespace butaca::origin {

// `text` is UTF-8. `unsupported` when it has no events.
Result<media::Subtitles> parse_ass(std::string_view text);

// The sections before the events (a Matroska track's codec private data) and the fonts, into an empty
// `subtitles`.
void take_ass_header(std::string_view header, media::Subtitles &subtitles);
// One packet of Matroska: "ReadOrder,Layer,Style,Name,MarginL,MarginR,MarginV,Effect,Text".
void add_ass_packet(std::string_view packet, std::int64_t start_ns, std::int64_t end_ns,
                    media::Subtitles &subtitles);

} // namespace butaca::origin
