// SPDX-License-Identifier: LGPL-2.1-or-later
// Tells when a file has stopped growing: its stamp stayed the same for the settle time. Pure; the caller
// brings stamps and the time.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "src/origin/listing.h"

namespace butaca::origin {

class Settler {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit Settler(std::chrono::milliseconds settle) : settle_(settle) {}

    // A file as it is now. One that changed since starts to wait anew; one that nobody has touched for long
    // need not wait.
    void observe(Entry entry, Time now);
    void forget(const std::string &path);

    // Those that have been the same for long enough; they are forgotten here.
    std::vector<Entry> take_settled(Time now);

    bool empty() const { return waiting_.empty(); }
    std::vector<std::string> paths() const;

private:
    struct Waiting {
        Entry entry;
        Time since;
    };
    const std::chrono::milliseconds settle_;
    std::map<std::string, Waiting> waiting_;
};

} // namespace butaca::origin
