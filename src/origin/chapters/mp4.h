// SPDX-License-Identifier: LGPL-2.1-or-later
// The chapters of MP4 and QuickTime files, which qtdemux 1.22 knows nothing of: a text track that another
// track refers to as its chapters (QuickTime File Format, "Chapter lists"; ISO/IEC 14496-12, 8.3.3), else
// Nero's list in `chpl`. All bytes are hostile: counts are bounded, and nothing is read beyond the file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "src/media/chapters.h"

namespace butaca::origin {

// Gives up to `bytes` bytes of the file from `offset` on; fewer where it ends.
using ReadAt = std::function<std::string(std::uint64_t offset, std::size_t bytes)>;

// On the axis of the movie, after edit lists; as they stand in the file, not mended. Empty where there are
// none. Blocks.
std::vector<media::Chapter> mp4_chapters(const ReadAt &read, std::uint64_t size_bytes);

} // namespace butaca::origin
