// SPDX-License-Identifier: LGPL-2.1-or-later
// A directory that goes with the object.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace butaca::test {

class TemporaryDirectory {
public:
    TemporaryDirectory() : path_((std::filesystem::temp_directory_path() / "butaca-test-XXXXXX").string())
    {
        if (!::mkdtemp(path_.data()))
            std::abort();
    }
    ~TemporaryDirectory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory &) = delete;
    TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;

    std::string at(const std::string &name) const { return path_ + "/" + name; }
    const std::string &path() const { return path_; }

private:
    std::string path_;
};

} // namespace butaca::test
