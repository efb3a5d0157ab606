// SPDX-License-Identifier: LGPL-2.1-or-later
// The program that VS and AS are, but for their policy.
#pragma once

#include "src/origin/listing.h"

namespace butaca::origin {

// Runs until SIGINT or SIGTERM. The process's exit code: 0, 1 when something that it needs is not there, 2
// for a wrong command line.
int run(int argc, char **argv, const Policy &policy);

} // namespace butaca::origin
