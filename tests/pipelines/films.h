// SPDX-License-Identifier: LGPL-2.1-or-later
// Real films that segments are made of in tests.
#pragma once

#include <cstdint>
#include <ostream>

namespace butaca::pipelines::test {

// As an H.264 track comes out of MP4 and Matroska.
inline constexpr const char *avc = "video/x-h264, stream-format=(string)avc, alignment=(string)au";

struct Film {
    const char *file;
    const char *demuxer;
    const char *pad;
    const char *caps;
    std::int64_t rate_num;
    std::int64_t rate_den;
    std::size_t segment_frames;
};

// How a test with a film in it is called.
inline void PrintTo(const Film &film, std::ostream *out) { *out << film.file; }

} // namespace butaca::pipelines::test
