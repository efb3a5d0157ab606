// SPDX-License-Identifier: LGPL-2.1-or-later
// butaca-as: the audio server.
#include "src/origin/main.h"

#include "as/policy.h"

int main(int argc, char **argv) { return butaca::origin::run(argc, argv, butaca::as::policy()); }
