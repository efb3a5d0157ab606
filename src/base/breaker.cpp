// SPDX-License-Identifier: LGPL-2.1-or-later
// closed -> open after failures in a row -> half open with one probe after the cooling -> closed or open
// again.
#include "src/base/breaker.h"

#include <algorithm>
#include <utility>

namespace butaca {

using std::chrono::milliseconds;

Breaker::Breaker(Settings settings, Clock clock) : settings_(settings), clock_(std::move(clock)) {}

bool Breaker::allow()
{
    if (state_ == State::closed)
        return true;
    if (state_ == State::half_open || clock_() - opened_at_ < cooling_after(failed_probes_))
        return false;
    state_ = State::half_open;
    return true;
}

void Breaker::succeeded()
{
    if (state_ == State::open)
        return;
    state_ = State::closed;
    failures_ = 0;
    failed_probes_ = 0;
}

void Breaker::failed()
{
    if (state_ == State::half_open) {
        ++failed_probes_;
        open();
    } else if (state_ == State::closed && ++failures_ >= settings_.failures_to_open) {
        open();
    }
}

Breaker::State Breaker::state() const { return state_; }

milliseconds Breaker::retry_after() const
{
    if (state_ == State::closed)
        return milliseconds{0};
    if (state_ == State::half_open)
        return cooling_after(failed_probes_ + 1);
    auto left = opened_at_ + cooling_after(failed_probes_) - clock_();
    return std::max(std::chrono::ceil<milliseconds>(left), milliseconds{0});
}

milliseconds Breaker::cooling_after(unsigned failed_probes) const
{
    milliseconds cooling = settings_.cooling;
    for (; failed_probes > 0 && cooling < settings_.cooling_max; --failed_probes)
        cooling *= 2;
    return std::min(cooling, settings_.cooling_max);
}

void Breaker::open()
{
    state_ = State::open;
    opened_at_ = clock_();
}

const char *to_string(Breaker::State state)
{
    if (state == Breaker::State::closed)
        return "closed";
    return state == Breaker::State::open ? "open" : "half-open";
}

} // namespace butaca
