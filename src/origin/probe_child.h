// SPDX-License-Identifier: LGPL-2.1-or-later
// The probe in a process of its own, with limits, so that a hostile file can hurt nobody else.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/media/facts.h"

namespace butaca::origin {

struct ProbeReport {
    media::Asset asset;
    std::string index;                  // PacketIndex::serialize(), checked
    std::vector<std::string> subtitles; // by SubtitleTrack::index, Subtitles::serialize(), checked; or ""
    std::string cover;                  // of the asset, checked; "" when it has none
};

// What the child does when the program is called with `--probe`: reads the file that is open as descriptor 3,
// writes the report to descriptor 4. The exit code of the process.
int probe_child_main();
// The same for a file of subtitles, when it is called with `--subtitles`: the report's asset has its tracks,
// at least one. The file of pictures beside it, if it has one, is open as descriptor 5.
int subtitles_child_main();

// The same for how loud a file is, with `--loudness`: the report's asset has the pads of its sound, and what
// was measured.
int loudness_child_main();

// One probe under way. Belongs to the main loop; destroying it kills the child.
class ProbeJob {
public:
    struct Settings {
        std::string program; // that is started with `--probe`, `--subtitles` or `--loudness`
        std::uint64_t memory_bytes = std::uint64_t{2} << 30;
        std::chrono::milliseconds stall_limit{60'000}; // without progress; then it is killed
    };
    // `fd` stays the caller's and may be closed once this returns. `done` is called once, later: with a
    // report, or with an error whose message says to people why the file cannot be read.
    // `task`: what the program is started with. `beside_fd`: the file of pictures that belongs to an index of
    // subtitles, -1 when there is none.
    struct Files {
        int fd = -1;
        int beside_fd = -1;
    };
    static Result<std::unique_ptr<ProbeJob>> start(const Settings &settings, const char *task,
                                                   const Files &files, std::uint64_t size_bytes,
                                                   std::function<void(Result<ProbeReport>)> done);
    ~ProbeJob();

    struct State;

private:
    explicit ProbeJob(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace butaca::origin
