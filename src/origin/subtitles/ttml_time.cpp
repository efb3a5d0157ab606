// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/subtitles/ttml_time.h"

#include <array>
#include <charconv>
#include <cmath>

#include "src/origin/subtitles/lines.h"

namespace butaca::origin {

namespace {

constexpr double seconds_most = 1e6;
constexpr double rate_most = 1e12;

// Digits, with a fraction perhaps, off the front.
std::optional<double> take_decimal(std::string_view &text)
{
    auto end = std::min(text.find_first_not_of("0123456789."), text.size());
    double value = 0;
    auto [stop, error] = std::from_chars(text.data(), text.data() + end, value, std::chars_format::fixed);
    if (error != std::errc() || stop != text.data() + end)
        return std::nullopt;
    text.remove_prefix(end);
    return value;
}

std::optional<std::int64_t> nanoseconds(double seconds)
{
    if (!(seconds >= 0) || seconds > seconds_most)
        return std::nullopt;
    return std::llround(seconds * 1e9);
}

std::optional<std::int64_t> clock_time(std::string_view text, const TtmlRates &rates)
{
    std::array<double, 4> parts{};
    std::size_t count = 0;
    for (; count < parts.size(); count++) {
        auto part = take_decimal(text);
        if (!part)
            return std::nullopt;
        parts[count] = *part;
        if (!text.starts_with(':'))
            break;
        text.remove_prefix(1);
    }
    if (!text.empty() || count < 2 || parts[1] >= 60 || parts[2] > 60)
        return std::nullopt;
    return nanoseconds(parts[0] * 3600 + parts[1] * 60 + parts[2] + parts[3] / rates.frames);
}

} // namespace

std::optional<std::int64_t> ttml_time(std::string_view text, const TtmlRates &rates)
{
    text = trimmed(text);
    if (text.find(':') != std::string_view::npos)
        return clock_time(text, rates);
    auto value = take_decimal(text);
    if (!value)
        return std::nullopt;
    if (text == "h")
        return nanoseconds(*value * 3600);
    if (text == "m")
        return nanoseconds(*value * 60);
    if (text == "s")
        return nanoseconds(*value);
    if (text == "ms")
        return nanoseconds(*value / 1000);
    if (text == "f")
        return nanoseconds(*value / rates.frames);
    if (text == "t")
        return nanoseconds(*value / rates.ticks);
    return std::nullopt;
}

double ttml_multiplier(std::string_view text)
{
    text = trimmed(text);
    auto above = take_decimal(text);
    text = trimmed(text);
    // The first edition wrote "1000:1001".
    if (text.starts_with(':'))
        text.remove_prefix(1);
    auto below = take_decimal(text);
    bool good = above && below && *above > 0 && *below > 0 && *above <= rate_most && *below <= rate_most;
    return good ? *above / *below : 1;
}

double ttml_rate(std::string_view text, double otherwise)
{
    text = trimmed(text);
    auto rate = take_decimal(text);
    return rate && text.empty() && *rate >= 1 && *rate <= rate_most ? *rate : otherwise;
}

} // namespace butaca::origin
