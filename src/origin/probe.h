// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads one file from end to end without decoding: what tracks it has, and every packet's time. Runs in a
// process of its own (probe_child), for demuxers are not to be trusted with hostile files.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/media/facts.h"
#include "src/media/index.h"

namespace butaca::origin {

struct ProbeResult {
    media::Asset asset; // without digest, slug and size
    media::PacketIndex index;
    std::vector<std::string> subtitles; // by SubtitleTrack::index, in binary form; "" where there are no cues
    std::string cover;                  // the bytes of a media::Cover; "" when there is none
};

struct ProbeSettings {
    // Packets of all tracks together; a file with more is taken for hostile.
    std::uint64_t packets_most = 40'000'000;
    // A demuxer that gives nothing for so long is given up; what it gave until then counts.
    unsigned stall_limit_ms = 20'000;
    // Called now and then while packets come; never when they do not.
    std::function<void()> progress;
};

// Probes the open regular file `fd`. A file that cannot be played at all yields an asset that says so
// (`broken`, `reason`), not an error. Blocks; needs gst_init().
ProbeResult probe(int fd, const ProbeSettings &settings);

} // namespace butaca::origin
