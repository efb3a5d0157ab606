// SPDX-License-Identifier: LGPL-2.1-or-later
// The times of a track's packets by one pass from its beginning, as an index would have them, and jobs made
// from them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipelines/job.h"

namespace butaca::pipelines::test {

// Where BUTACA_MEDIA holds `name`; empty where it does not.
std::string media_file(const std::string &name);

struct TrackTimes {
    std::vector<std::int64_t> pts_ns; // ascending
    std::vector<std::int64_t> keyframes_ns;
};
TrackTimes track_times(const Origin &origin);

// Where the frames of a FLAC file begin, in bytes.
std::int64_t first_flac_frame(const std::string &path);

Origin file_origin(const std::string &path, std::string demuxer, std::string pad, std::string caps);

// Segments of `frames` frames each, at a constant frame rate num/den.
std::vector<Job> video_jobs(const Origin &origin, std::int64_t num, std::int64_t den, std::size_t frames);

// Segments of `frames` AAC frames each.
std::vector<Job> audio_jobs(const Origin &origin, std::uint32_t source_rate, std::uint32_t rate,
                            std::int64_t total_samples, std::int64_t frames);

struct Made {
    std::string init;
    std::string media;
    bool ok = false;
    std::string error;
    std::uint64_t filled = 0;
};

} // namespace butaca::pipelines::test
