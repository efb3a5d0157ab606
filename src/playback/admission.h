// SPDX-License-Identifier: LGPL-2.1-or-later
// How much processor time each kind of work takes per second of film, as measured, and whether one more fits.
// Loop-bound; the file is the service's affair.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace butaca::playback {

class Admission {
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;
    // `processors`: how many seconds of work can be done per second.
    explicit Admission(double processors, Clock clock = std::chrono::steady_clock::now)
        : most_(0.95 * processors), clock_(std::move(clock))
    {
    }

    // Learns from a finished job: what is new counts for a fifth, less when the piece is shorter than a
    // second.
    void learn(const std::string &cost_class, std::chrono::nanoseconds cpu, std::chrono::nanoseconds film);
    // Processor seconds per second of film; a guess for a class never met.
    double cost(const std::string &cost_class) const;

    // Notes that work for viewers of this rendition was necessary just now.
    void worked(const std::string &rendition, const std::string &cost_class);
    // Processors needed by the renditions that needed work lately. All viewers of one share it, and what
    // comes from the cache needs none.
    double demand() const;

    // Is there room for a viewer of this rendition? Always when nothing else is under way. `unavailable` with
    // the time after which enough of the others may have stopped, if not. Asking reserves nothing.
    Status admit(const std::string &rendition, const std::string &cost_class) const;

    // The table as JSON, for the next run, and back; what is malformed is left out.
    std::string to_json() const;
    void restore(std::string_view text);

private:
    struct Active {
        std::string cost_class;
        std::chrono::steady_clock::time_point at;
    };
    bool lapsed(const Active &active) const;

    double most_;
    Clock clock_;
    std::map<std::string, double, std::less<>> costs_;
    std::map<std::string, Active> active_;
};

} // namespace butaca::playback
