// SPDX-License-Identifier: LGPL-2.1-or-later
// A circuit breaker: after failures in a row it fails fast, and lets one probe through once the cooling time
// is over.
#pragma once

#include <chrono>
#include <functional>

namespace butaca {

// Loop-bound. The clock is given so that tests need not wait.
class Breaker {
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;
    enum class State { closed, open, half_open };

    struct Settings {
        unsigned failures_to_open = 3;
        std::chrono::milliseconds cooling{1000};      // doubles with each failed probe ...
        std::chrono::milliseconds cooling_max{15000}; // ... up to this
    };

    explicit Breaker(Settings settings, Clock clock = std::chrono::steady_clock::now);

    // May a call go out now? In half-open state exactly one caller gets true until it reports.
    bool allow();
    // How a call that allow() let out ended. Each must report, however it ended: a probe that never does
    // keeps the breaker half open. Reports while open (calls from before) change nothing.
    void succeeded();
    void failed();

    State state() const;
    // Time until a probe will be let through; zero when closed. While a probe is out, the cooling time that
    // would follow its failure. What Retry-After is computed from.
    std::chrono::milliseconds retry_after() const;

private:
    std::chrono::milliseconds cooling_after(unsigned failed_probes) const;
    void open();

    Settings settings_;
    Clock clock_;
    unsigned failures_ = 0;
    unsigned failed_probes_ = 0;
    State state_ = State::closed;
    std::chrono::steady_clock::time_point opened_at_{};
};

// "closed", "open" or "half-open".
const char *to_string(Breaker::State state);

} // namespace butaca
