// SPDX-License-Identifier: LGPL-2.1-or-later
// What all that waits inside a job shares: has the job been cancelled, and when did anything last move?
// Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

namespace butaca::pipelines {

// No buffer moved for this long: the job is stuck.
inline constexpr std::int64_t stuck_after_ms = 10'000;

class Activity {
public:
    // Begins a job: not cancelled, and moving as of now.
    void begin();
    void end() { busy_ = false; }
    void moved();
    void cancel() { cancelled_ = true; }

    bool cancelled() const { return cancelled_; }
    bool busy() const { return busy_; }
    // Milliseconds since something moved; 0 between jobs.
    std::int64_t idle_ms() const;

private:
    std::atomic<bool> busy_ = false;
    std::atomic<bool> cancelled_ = false;
    std::atomic<std::int64_t> moved_ms_ = 0;
};

} // namespace butaca::pipelines
