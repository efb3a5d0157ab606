// SPDX-License-Identifier: LGPL-2.1-or-later
// What a check has found, collected with a bound: a stream that breaks a rule ten thousand times says so
// once, with the count.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "client/check/rules.h"

namespace butaca::client::check {

// Where something was found. Lines and segments count from 1 and 0, as editors and playlists do.
struct Place {
    std::string playlist;      // its URL, as short as it is clear
    unsigned line = 0;         // 0: none
    std::int64_t segment = -1; // its number in the playlist; -1: none, -2: the init segment
};
inline constexpr std::int64_t no_segment = -1;
inline constexpr std::int64_t init_segment = -2;

struct Finding {
    Rule rule{};
    Place place;                     // the first one
    std::vector<std::string> values; // for found_words(), of the first one
    std::uint64_t times = 1;         // in this playlist
};

class Findings {
public:
    // The first break of a rule in a playlist is kept, the others are counted. Values are cut to what fits a
    // line and cleaned of control characters, for they come from the stream.
    void add(Rule rule, Place place, std::vector<std::string> values = {});
    // In the order of the rules, then of the places.
    std::vector<Finding> sorted() const;
    bool has(Severity severity) const;

private:
    std::map<std::pair<Rule, std::string>, Finding> found_;
};

// A number for a finding, with as many decimals as it has, at most six: "2.002".
std::string number(double value);

} // namespace butaca::client::check
