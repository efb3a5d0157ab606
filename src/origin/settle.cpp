// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/settle.h"

#include <algorithm>

namespace butaca::origin {

void Settler::observe(Entry entry, Time now)
{
    auto [place, fresh] = waiting_.try_emplace(entry.path);
    Waiting &waiting = place->second;
    if (fresh)
        waiting.since = now - std::chrono::duration_cast<Time::duration>(
                                  std::min<std::chrono::nanoseconds>(entry.quiet, settle_));
    else if (waiting.entry.stamp != entry.stamp)
        waiting.since = now;
    waiting.entry = std::move(entry);
}

void Settler::forget(const std::string &path) { waiting_.erase(path); }

std::vector<Entry> Settler::take_settled(Time now)
{
    std::vector<Entry> settled;
    for (auto place = waiting_.begin(); place != waiting_.end();) {
        if (now - place->second.since < settle_) {
            ++place;
            continue;
        }
        settled.push_back(std::move(place->second.entry));
        place = waiting_.erase(place);
    }
    return settled;
}

std::vector<std::string> Settler::paths() const
{
    std::vector<std::string> paths;
    for (const auto &[path, waiting] : waiting_)
        paths.push_back(path);
    return paths;
}

} // namespace butaca::origin
