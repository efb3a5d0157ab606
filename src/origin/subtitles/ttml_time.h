// SPDX-License-Identifier: LGPL-2.1-or-later
// Time expressions of TTML (W3C TTML 2, 12.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace butaca::origin {

// How a document counts.
struct TtmlRates {
    double frames = 30; // per second, its multiplier included
    double ticks = 1;
};

// "00:01:02.5", "00:01:02:12" (frames last), "62.5s", "1500ms", "3f", "10000000t", in nanoseconds from 0 to
// about ten days. Nothing when it is none.
std::optional<std::int64_t> ttml_time(std::string_view text, const TtmlRates &rates);

// "1000 1001" as a quotient; 1 when it makes no sense.
double ttml_multiplier(std::string_view text);
// A rate per second; `otherwise` when it makes no sense.
double ttml_rate(std::string_view text, double otherwise);

} // namespace butaca::origin
