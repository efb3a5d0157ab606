// SPDX-License-Identifier: LGPL-2.1-or-later
// How an MP4 wants its pictures to be turned. qtdemux 1.22 tells it by a tag, but for one of the eight ways:
// it passes over the exchange along the falling diagonal (a mirrored picture, turned by a quarter).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace butaca::origin {

// What the matrix in each video track's header says (ISO/IEC 14496-12, 8.3.2), in the order of the tracks and
// in the words of GST_TAG_IMAGE_ORIENTATION ("flip-rotate-90"); "" where it says nothing that a tag can. Of
// the bytes [begin, end) of `fd`. Reads heads of boxes alone, a bounded number of them; what is malformed
// ends the list.
std::vector<std::string> mp4_orientations(int fd, std::uint64_t begin, std::uint64_t end);

} // namespace butaca::origin
