// SPDX-License-Identifier: LGPL-2.1-or-later
// Which file holds which asset. Two files with the same bytes are one asset. Belongs to the main loop.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "src/origin/store.h"

namespace butaca::origin {

class Library {
public:
    Library() = default;
    explicit Library(std::map<std::string, KnownFile> files);

    const KnownFile *find(const std::string &path) const;
    // A file that is, by its stamp, the very same (renamed, or a hard link).
    std::optional<std::string> digest_of_same(const Stamp &stamp) const;
    void attach(const std::string &path, const Stamp &stamp, const std::string &digest);
    // Forgets the path; true when it was the last one with its digest.
    bool detach(const std::string &path);

    // The paths that hold the asset.
    std::set<std::string> paths_of(const std::string &digest) const;
    const std::map<std::string, KnownFile> &files() const { return files_; }

private:
    std::map<std::string, KnownFile> files_;
    std::map<std::string, std::set<std::string>> paths_;                      // by digest
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> by_inode_; // device and inode to path
};

} // namespace butaca::origin
