// SPDX-License-Identifier: LGPL-2.1-or-later
// What the tests of the origin share: a folder that goes away again, the real media, the loop.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "src/origin/probe.h"

namespace butaca::origin::test {

// An empty folder below the system's place for such, removed at the end.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;

    std::string path(std::string_view name = {}) const;

private:
    std::filesystem::path folder_;
};

// The file among the real media; empty when it is not there.
std::string media_file(const std::string &name);

void write_file(const std::string &path, std::string_view bytes);

// Runs the main loop until `holds`; false when that takes longer than anything sane.
bool run_until(const std::function<bool()> &holds);

// Probes in this process.
ProbeResult probe_file(const std::string &path);

} // namespace butaca::origin::test
