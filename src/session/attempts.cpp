// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/session/attempts.h"

#include <algorithm>
#include <utility>

#include <gio/gio.h>

#include "src/base/gobject.h"

namespace butaca::session {

Attempts::Attempts(Limits limits, Clock clock) : limits_(limits), clock_(std::move(clock)) {}

// After the first one that is too many the first wait, then twice that, and so on.
std::chrono::seconds Attempts::wait_after(unsigned count) const
{
    if (count < limits_.free)
        return std::chrono::seconds(0);
    const unsigned doublings = std::min(count - limits_.free, 30U);
    return std::min<std::chrono::seconds>(limits_.longest_wait, limits_.first_wait * (1LL << doublings));
}

Status Attempts::begin(const std::string &key)
{
    const auto now = clock_();
    auto at = by_key_.find(key);
    if (at == by_key_.end()) {
        if (known_.size() >= limits_.keys_most && !known_.empty()) {
            by_key_.erase(known_.back().key);
            known_.pop_back();
        }
        known_.push_front({key, 0, now, now});
        at = by_key_.emplace(key, known_.begin()).first;
    }
    Known &known = *at->second;
    if (now < known.wait_until) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(known.wait_until - now);
        Error error{ErrorCode::limited, "too many attempts; wait a while before the next one", {}, 0};
        error.retry_after_s = static_cast<unsigned>(left.count());
        return fail(std::move(error));
    }
    if (now - known.last > limits_.longest_wait)
        known.count = 0;
    known.last = now;
    known.wait_until = now + wait_after(++known.count);
    known_.splice(known_.begin(), known_, at->second);
    return {};
}

void Attempts::succeeded(const std::string &key)
{
    auto at = by_key_.find(key);
    if (at == by_key_.end())
        return;
    known_.erase(at->second);
    by_key_.erase(at);
}

void Attempts::forgive(const std::string &key)
{
    auto at = by_key_.find(key);
    if (at == by_key_.end())
        return;
    Known &known = *at->second;
    known.count -= std::min(known.count, 1U);
    known.wait_until = known.last;
}

std::string client_of(std::string_view address)
{
    std::string text(address);
    auto parsed = adopt(g_inet_address_new_from_string(text.c_str()));
    if (!parsed || g_inet_address_get_family(parsed.get()) != G_SOCKET_FAMILY_IPV6)
        return text;
    std::string bytes(reinterpret_cast<const char *>(g_inet_address_to_bytes(parsed.get())), 8);
    bytes.resize(16, '\0');
    auto network = adopt(
        g_inet_address_new_from_bytes(reinterpret_cast<const guint8 *>(bytes.data()), G_SOCKET_FAMILY_IPV6));
    auto shown = adopt(g_inet_address_to_string(network.get()));
    return std::string(shown.get()) + "/64";
}

} // namespace butaca::session
