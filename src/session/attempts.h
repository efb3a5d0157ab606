// SPDX-License-Identifier: LGPL-2.1-or-later
// Slows down who guesses. A key (an account's name, a client's address) has some attempts; after those it
// waits, each time twice as long, until one succeeds or it has been quiet for long. Loop-bound.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace butaca::session {

class Attempts {
public:
    struct Limits {
        unsigned free = 5; // attempts without a wait
        std::chrono::seconds first_wait{1};
        std::chrono::seconds longest_wait{900};
        std::size_t keys_most = 100000; // the one that was quiet the longest is forgotten for a new one
    };
    using Clock = std::function<std::chrono::steady_clock::time_point()>;
    explicit Attempts(Limits limits, Clock clock = std::chrono::steady_clock::now);

    // Counts one, before its outcome is known: or many at once would all be free. `limited`, with the time to
    // wait, when the key has to wait; that attempt does not count.
    Status begin(const std::string &key);
    // The key is as new.
    void succeeded(const std::string &key);
    // The last attempt was none.
    void forgive(const std::string &key);

private:
    struct Known {
        std::string key;
        unsigned count = 0;
        std::chrono::steady_clock::time_point last;
        std::chrono::steady_clock::time_point wait_until;
    };
    std::chrono::seconds wait_after(unsigned count) const;

    Limits limits_;
    Clock clock_;
    std::list<Known> known_; // the last one that tried first
    std::map<std::string, std::list<Known>::iterator, std::less<>> by_key_;
};

// What counts as one client: an IPv4 address, or the 64 bits of an IPv6 address that a household gets.
std::string client_of(std::string_view address);

} // namespace butaca::session
