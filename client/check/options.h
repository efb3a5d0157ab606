// SPDX-License-Identifier: LGPL-2.1-or-later
// The options of `butaca check`. Pure.
#pragma once

#include <span>

#include "client/check/checker.h"

namespace butaca::client::check {

struct CheckOptions {
    CheckSettings settings;
    bool json = false;
    bool rules = false;
    bool help = false;
};

// `invalid_argument` with words for people.
Result<CheckOptions> parse_check(std::span<const char *const> arguments);

} // namespace butaca::client::check
