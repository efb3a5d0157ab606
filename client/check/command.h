// SPDX-License-Identifier: LGPL-2.1-or-later
// `butaca check URL` as the command line has it. Runs a loop of its own until the check is done.
#pragma once

#include <span>

namespace butaca::client::check {

// `butaca check`: 0 no MUST is broken, 1 some are, 2 wrong usage or nothing that could be checked.
int check_command(std::span<const char *const> arguments);

} // namespace butaca::client::check
