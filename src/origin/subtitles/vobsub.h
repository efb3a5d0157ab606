// SPDX-License-Identifier: LGPL-2.1-or-later
// VobSub: an index of text (.idx) and an MPEG program stream with the sub-pictures (.sub); Matroska keeps the
// head of the index as the codec private data of S_VOBSUB.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/media/subtitles.h"
#include "src/origin/subtitles/spu.h"

namespace butaca::origin {

// One language of an index.
struct VobSubTrack {
    std::string language; // BCP 47; "" when the index tells none
    std::string name;
    bool is_default = false;
    media::Subtitles subtitles;
};

// Whether a file begins as an index does, whatever its suffix.
bool looks_like_vobsub(std::string_view bytes);

// "size:" and "palette:" of an index or of codec private data; what is missing or makes no sense stays unset.
SpuHead vobsub_head(std::string_view text);

// All languages of an index that have a picture, in its order, 32 at most. `unsupported` when there is none.
Result<std::vector<VobSubTrack>> parse_vobsub(std::string_view index, std::string_view program_stream);

} // namespace butaca::origin
