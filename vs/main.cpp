// SPDX-License-Identifier: LGPL-2.1-or-later
// butaca-vs: the video server.
#include "src/origin/main.h"

#include "vs/policy.h"

int main(int argc, char **argv) { return butaca::origin::run(argc, argv, butaca::vs::policy()); }
