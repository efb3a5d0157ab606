// SPDX-License-Identifier: LGPL-2.1-or-later
// Jobs from a file instead of the socket, for people and tests.
#pragma once

#include <string>

namespace butaca::pipelines {

// Does the job in `job_file`, or all of them in order when it holds a JSON array, in one warm workshop.
// Writes init.mp4 and segment.m4s into the folder `output` (into its sub-folders 0, 1, ... for an array).
// Prints one JSON line for each. Returns the process's exit code.
int run_errand(const std::string &job_file, const std::string &output, bool allow_files);

} // namespace butaca::pipelines
