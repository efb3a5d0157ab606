// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/check/findings.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <glib.h>

namespace butaca::client::check {

namespace {

constexpr std::size_t value_limit_bytes = 120;

// What the stream says goes to a terminal: no escape sequence may reach it.
std::string clean(const std::string &value)
{
    gchar *valid =
        g_utf8_make_valid(value.c_str(), static_cast<gssize>(std::min(value.size(), value_limit_bytes)));
    std::string out = valid;
    g_free(valid);
    for (char &c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            c = '?';
    // C1 controls (U+0080 to U+009F) are two bytes in UTF-8.
    for (std::size_t i = 0; i + 1 < out.size(); i++)
        if (static_cast<unsigned char>(out[i]) == 0xc2 && static_cast<unsigned char>(out[i + 1]) < 0xa0)
            out[i] = out[i + 1] = '?';
    return value.size() > value_limit_bytes ? out + "..." : out;
}

} // namespace

void Findings::add(Rule rule, Place place, std::vector<std::string> values)
{
    auto [entry, is_new] = found_.try_emplace({rule, place.playlist});
    if (!is_new) {
        entry->second.times++;
        return;
    }
    std::transform(values.begin(), values.end(), values.begin(), clean);
    entry->second = Finding{rule, std::move(place), std::move(values), 1};
}

std::vector<Finding> Findings::sorted() const
{
    std::vector<Finding> all;
    all.reserve(found_.size());
    for (const auto &[key, finding] : found_)
        all.push_back(finding);
    return all;
}

bool Findings::has(Severity severity) const
{
    return std::any_of(found_.begin(), found_.end(),
                       [&](const auto &entry) { return entry_of(entry.first.first).severity == severity; });
}

std::string number(double value)
{
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%.6f", value);
    std::string out = text.data();
    out.erase(out.find_last_not_of('0') + 1);
    if (out.ends_with('.'))
        out.pop_back();
    return out;
}

} // namespace butaca::client::check
