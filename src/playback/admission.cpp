// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/admission.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "src/base/json.h"

namespace butaca::playback {

namespace {

constexpr std::chrono::seconds active_for{15};
constexpr double newest_share = 0.2;
constexpr double guess = 0.25;
constexpr double cost_most = 1000; // more than any machine has; a file that says so is wrong
// Starting a decoder costs the same for one frame as for two seconds: a shorter piece says less than a whole
// one.
constexpr double telling_s = 1;
constexpr unsigned retry_least_s = 2;

} // namespace

void Admission::learn(const std::string &cost_class, std::chrono::nanoseconds cpu,
                      std::chrono::nanoseconds film)
{
    if (film.count() <= 0 || cpu.count() <= 0)
        return;
    double measured =
        std::min(cost_most, static_cast<double>(cpu.count()) / static_cast<double>(film.count()));
    double weight = std::min(1.0, std::chrono::duration<double>(film).count() / telling_s);
    auto [entry, is_new] = costs_.try_emplace(cost_class, guess);
    entry->second += weight * (is_new ? 1 : newest_share) * (measured - entry->second);
}

double Admission::cost(const std::string &cost_class) const
{
    auto known = costs_.find(cost_class);
    return known == costs_.end() ? guess : known->second;
}

void Admission::worked(const std::string &rendition, const std::string &cost_class)
{
    std::erase_if(active_, [this](const auto &entry) { return lapsed(entry.second); });
    active_[rendition] = {cost_class, clock_()};
}

bool Admission::lapsed(const Active &active) const { return clock_() - active.at >= active_for; }

double Admission::demand() const
{
    double sum = 0;
    for (const auto &[rendition, active] : active_)
        if (!lapsed(active))
            sum += cost(active.cost_class);
    return sum;
}

Status Admission::admit(const std::string &rendition, const std::string &cost_class) const
{
    auto shared = active_.find(rendition);
    double demand_now = demand();
    // A machine at rest takes anyone: nothing else would ever tell it that a cost is not what it was.
    if (demand_now <= 0)
        return {};
    double sum = demand_now + cost(cost_class);
    if ((shared != active_.end() && !lapsed(shared->second)) || sum <= most_)
        return {};
    std::vector<std::pair<std::chrono::steady_clock::time_point, double>> others;
    for (const auto &[name, active] : active_)
        if (!lapsed(active))
            others.emplace_back(active.at, cost(active.cost_class));
    std::sort(others.begin(), others.end());
    auto room_at = clock_();
    for (const auto &[at, freed] : others) {
        room_at = at + active_for;
        sum -= freed;
        if (sum <= most_)
            break;
    }
    auto wait = std::chrono::ceil<std::chrono::seconds>(room_at - clock_());
    return fail(
        Error{ErrorCode::unavailable, "the server is busy just now",
              "demand " + std::to_string(demand_now) + " of " + std::to_string(most_) + ", " + cost_class,
              std::max(retry_least_s, static_cast<unsigned>(std::max<std::int64_t>(0, wait.count())))});
}

std::string Admission::to_json() const
{
    json::Writer writer;
    writer.begin_object();
    for (const auto &[cost_class, cost] : costs_)
        writer.member(cost_class, cost);
    writer.end_object();
    return writer.take();
}

void Admission::restore(std::string_view text)
{
    auto table = json::Value::parse(text);
    if (!table || !table->is_object())
        return;
    for (const std::string &cost_class : table->keys())
        if (auto cost = (*table)[cost_class].number(); cost && *cost > 0 && *cost <= cost_most)
            costs_[cost_class] = *cost;
}

} // namespace butaca::playback
