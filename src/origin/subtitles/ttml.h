// SPDX-License-Identifier: LGPL-2.1-or-later
// Timed text in XML (W3C TTML 2; of IMSC 1's text profile what WebVTT can show): files and the samples of
// MP4.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/result.h"
#include "src/media/subtitles.h"

namespace butaca::origin {

// Whether a text begins as XML of this kind may.
bool looks_like_ttml(std::string_view text);

// `text` is UTF-8. Paragraphs and timed spans become cues; italic, bold and underline are kept, and a place
// at the top. `unsupported` when it is no such document. One that breaks off gives what came before.
Result<media::Subtitles> parse_ttml(std::string_view text);

// One sample of MP4, a document of its own: its cues have the track's times, and are shown while the sample
// lasts (ISO 14496-30, 5.2). Counts what makes no sense.
void add_ttml_packet(std::string_view text, std::int64_t start_ns, std::int64_t end_ns,
                     media::Subtitles &subtitles);

} // namespace butaca::origin
